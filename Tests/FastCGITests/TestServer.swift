import EventLoop
import FastCGI
import Glibc
import HTTPMessage
import TestSupport
import Testing

/// A server on a socket of its own, which goes away with this value.
final class TestServer: Sendable {
    let loops: RunningLoops
    let server: FastCGIServer
    let listener: ListenSocket
    let folder: TemporaryFolder

    var address: String { "\(listener.address)" }

    init(
        loops count: Int = 1, tcp: String? = nil, configuration: FastCGIConfiguration = FastCGIConfiguration(),
        handler: @escaping FastCGIServer.Handler = TestServer.echo,
        atOnce: @escaping FastCGIServer.ImmediateHandler = { _, _ in nil }
    ) throws {
        folder = try TemporaryFolder()
        loops = try RunningLoops(count: count)
        listener = try ListenSocket.open(ListenAddress(tcp ?? folder.path + "/s"))
        server = try FastCGIServer(
            loops: Array(loops.group.loops.suffix(count)), listeners: [listener], configuration: configuration,
            atOnce: atOnce, handler: handler)
        server.start()
    }

    /// Runs blocking calls of a new client.
    func withClient<Value: Sendable>(
        receiveBuffer: Int32? = nil, _ body: @escaping @Sendable (FastCGIClient) throws -> Value
    ) async throws -> Value {
        let address = address
        return try await FastCGIClient.background { try body(FastCGIClient(address, receiveBuffer: receiveBuffer)) }
    }

    /// Whether a new connection gets its answer.
    func answers() async throws -> Bool {
        try await withClient { try $0.exchange(FastCGIBytes.request("GET", "/alive")).status == 200 }
    }

    /// Answers with what it got.
    static let echo: FastCGIServer.Handler = { request, loop in
        let fields = request.headers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
        let line =
            "\(request.method) \(request.path) ?\(request.query) \(request.remoteAddress) \(request.requestID) [\(fields)] "
        return HTTPResponse(
            status: 200, headers: [(.contentType, "text/plain"), (.requestID, request.requestID)],
            body: Array((loop.inLoop ? line : "off its loop").utf8) + request.body)
    }
}

/// A folder that goes away with this value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/fastcgi-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        path = try #require(made)
    }

    deinit {
        for name in ["s", "t"] { unlink(path + "/" + name) }
        rmdir(path)
    }
}

/// Waits until something becomes true; false when it does not for ten seconds, or as many times that as the tests'
/// patience.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
    for _ in 0..<2_000 * TestPatience.factor {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return condition()
}
