import EventLoop
import Glibc
import Logging
import TestSupport
import Testing

@testable import Gateway

@Suite("Control socket")
struct ControlServerTests {
    private let folder: TemporaryFolder
    private let loops: RunningLoops
    private var path: String { folder.file("control.sock") }
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        folder = try TemporaryFolder()
        loops = try RunningLoops()
    }

    private func server(
        isAllowed: @escaping @Sendable (UInt32) -> Bool = { PeerUser.isAllowed($0) },
        answering handler: @escaping ControlServer.Handler = { .result(of: $0.rawValue) }
    ) async -> ControlServer {
        let server = ControlServer(
            path: path, configuration: "/etc/customersd/customersd.yaml", loop: loops.loop, logger: quiet,
            isAllowed: isAllowed, handler: handler)
        await server.start()
        return server
    }

    private func ask(_ request: ControlRequest) async throws -> [UInt8] {
        let client = ControlClient(path: path)
        return try await FastCGIClient.background { try client.ask(request) }
    }

    /// Sends bytes and returns what comes until the server closes.
    private func exchange(_ bytes: [UInt8]) async throws -> String {
        let path = path
        return try await FastCGIClient.background {
            let client = try FastCGIClient(path)
            try client.send(bytes)
            return String(decoding: try Self.everything(client), as: UTF8.self)
        }
    }

    /// What comes until the server closes.
    private static func everything(_ client: FastCGIClient) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let more = try client.receive()
            if more.isEmpty { return bytes }
            bytes += more
        }
    }

    @Test("a request is answered with a line of JSON")
    func answers() async throws {
        let server = await server()
        #expect(String(decoding: try await ask(.status), as: UTF8.self) == #""status""#)
        #expect(
            try await exchange(Array("{\"request\":\"metrics\"}\n".utf8)) == "{\"ok\":true,\"result\":\"metrics\"}\n")
        await server.stop()
    }

    @Test("a daemon with another configuration answers nobody who means this one's, and says whose it is")
    func addressee() async throws {
        let server = await server()
        for (configuration, isIts) in [
            ("/etc/customersd/customersd.yaml", true), ("/etc/customersd/other.yaml", false),
        ] {
            let client = ControlClient(path: path, configuration: configuration)
            let answer = try? await FastCGIClient.background { try client.ask(.reload) }
            #expect((answer != nil) == isIts)
        }
        let client = ControlClient(path: path, configuration: "/etc/customersd/other.yaml")
        await #expect {
            try await FastCGIClient.background { try client.ask(.reload) }
        } throws: {
            "\($0)".contains("it runs with /etc/customersd/customersd.yaml")
        }
        await server.stop()
    }

    @Test("an answer larger than the socket's buffer arrives whole")
    func large() async throws {
        let text = String(repeating: "x", count: 3_000_000)
        let server = await server(answering: { _ in .result(of: text) })
        #expect(try await ask(.status).count == text.utf8.count + 2)
        await server.stop()
    }

    @Test(
        "a line that is no request gets words",
        arguments: [
            "", "status", "{}", "{\"request\":1}", "[]", "{\"request\":\"shutdown\"}", "{\"request\":\"status\"} x",
        ])
    func nonsense(line: String) async throws {
        let server = await server()
        let reply = try await exchange(Array("\(line)\n".utf8))
        #expect(reply.hasPrefix("{\"error\":\"") && reply.hasSuffix("\"ok\":false}\n"), "\(reply)")
        await server.stop()
    }

    @Test("a line without an end is not read for ever")
    func endless() async throws {
        let server = await server()
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: ControlRequest.maximumBytes)
        #expect(try await exchange(bytes) == "")
        await server.stop()
    }

    @Test("others than root and the daemon's user get no answer")
    func stranger() async throws {
        let server = await server(isAllowed: { _ in false })
        await #expect { try await ask(.status) } throws: { ($0 as? AdminError)?.kind == .noPermission }
        await server.stop()
    }

    @Test("root and the own user are let in, nobody else")
    func allowed() {
        #expect(PeerUser.isAllowed(0))
        #expect(PeerUser.isAllowed(geteuid()))
        #expect(!PeerUser.isAllowed(geteuid() &+ 4_711))
    }

    @Test("more connections than it keeps are closed, and those it keeps are served")
    func crowd() async throws {
        let server = await server()
        let path = path
        try await FastCGIClient.background {
            let silent = try (0..<ControlServer.maximumConnections).map { _ in try FastCGIClient(path) }
            let surplus = try FastCGIClient(path)
            #expect(try Self.everything(surplus).isEmpty)
            try silent[0].send(ControlRequest.status.line)
            #expect(try Self.everything(silent[0]) == ControlReply.result(of: "status").line)
        }
        await server.stop()
    }

    @Test("only its own user may open the socket, and a stop removes it")
    func mode() async throws {
        let server = await server()
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        await server.stop()
        #expect(stat(path, &status) != 0)
    }

    @Test("a daemon whose predecessor still has the socket gets it when that one stops")
    func succession() async throws {
        let first = await server(answering: { _ in .result(of: "first") })
        let second = await server(answering: { _ in .result(of: "second") })
        #expect(String(decoding: try await ask(.status), as: UTF8.self) == #""first""#)
        await first.stop()
        try await eventually("the second answers") {
            (try? await ask(.status)).map { String(decoding: $0, as: UTF8.self) } == #""second""#
        }
        await second.stop()
    }

    @Test("a daemon that is not there is said to be not there")
    func absent() async throws {
        await #expect {
            try await ask(.status)
        } throws: { error in
            (error as? AdminError)?.kind == .unavailable && "\(error)".contains("systemctl status customersd")
        }
    }
}
