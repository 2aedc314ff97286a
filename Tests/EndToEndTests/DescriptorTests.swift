import Foundation
import Synchronization
import TestSupport
import Testing

/// Descriptors run out, or peers leave in the middle: the daemon sheds, comes back, and keeps nothing of those who
/// left.
@Suite("Descriptors", .serialized, .ownProcesses, .installation(alone: true))
struct DescriptorTests {
    private let bed: TestBed
    private let installation: GatewayInstallation
    init() throws {
        bed = try .current
        installation = try bed.installation
    }

    private func setLimit(_ limit: String) async throws {
        let process = try ChildProcess(
            "prlimit", ["--pid", "\(try installation.daemon.process.pid)", "--nofile=\(limit)"])
        #expect(try await process.waitForExit() == 0)
    }

    private func metric(_ name: String) async throws -> Int? {
        let parameters = [
            ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/customers-metrics"), ("REMOTE_ADDR", "127.0.0.1"),
        ]
        let request =
            FastCGIBytes.begin() + FastCGIBytes.stream(type: 4, FastCGIBytes.pairs(parameters))
            + FastCGIBytes.stream(type: 5, [])
        let socket = installation.sockets[0]
        let text = try await FastCGIClient.background { try FastCGIClient(socket).exchange(request).text }
        return text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }.flatMap { line in
            line.split(separator: " ").last.flatMap { Int($0) }
        }
    }

    @Test("with 64 descriptors a crowd at the door is shed; the daemon stays, and serves as soon as there is room")
    func limit() async throws {
        let tenant = try await bed.tenant()
        let token = try await tenant.accessToken()
        let ping = HTTPTestRequest.get("/customers/auth_ping").with("Authorization", token)
        let daemon = try installation.daemon
        try await setLimit("64:1024")
        for round in 1...3 {
            let socket = installation.sockets[0]
            let shed = try await metric("customersd_connections_shed_total") ?? 0
            let crowd = try await FastCGIClient.background { try (0..<200).map { _ in try FastCGIClient(socket) } }
            try await eventually("accepting has met the limit") {
                daemon.log.contains { $0.contains("out of descriptors") } && daemon.descriptorCount >= 60
            }
            if round == 2 {
                // Redis goes away meanwhile: the connection has to be made anew, with a descriptor that is not there.
                try await installation.redis.command("CLIENT", "KILL", "TYPE", "normal")
            }
            #expect(crowd.count == 200 && daemon.process.isRunning)
            for peer in crowd { peer.hangUp() }
            // A second is promised; a busy machine gets some more.
            try await eventually("it serves again", within: .seconds(4)) {
                try await bed.client.send(ping).status == 200
            }
            #expect(try await metric("customersd_connections_shed_total") ?? 0 >= shed)
            try await eventually("the chat server is reached again") {
                try await tenant.clientConnect().status == 200
            }
        }
        try await setLimit("1024:1024")
        #expect(daemon.process.isRunning)
    }

    @Test("thousands of peers who leave anywhere leave no descriptor, no request and no slot behind")
    func leavers() async throws {
        let agents = [GatewayTenantPlan.Agent(capacity: 1_000)]
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)]))
        let session = try await tenant.started([("name", "leaver-0")])
        let token = try await tenant.accessToken()
        let daemon = try installation.daemon
        func settle() async throws -> Int {
            // The one in flight is the request for the metrics itself.
            try await eventually("nothing is in flight") { try await metric("customersd_requests_in_flight") == 1 }
            try await eventually("the peers' connections are closed") {
                try await metric("customersd_connections") ?? .max <= 70
            }
            return daemon.descriptorCount
        }
        let requests = Self.requests(tenant, token: token, session: session)
        try await leave(1_500, requests, seed: 1)
        let first = try await settle()
        try await leave(1_500, requests, seed: 2)
        let second = try await settle()
        // nginx keeps up to 64 connections, which come and go.
        #expect(second <= first + 64, "\(first), then \(second)")
        #expect(second < 200)
        try await installation.chat.disarm()

        // Every slot is a room's, and every room has its agent.
        for number in 0..<8 { _ = try await tenant.started([("name", "leaver-\(number)")]) }
        let agent = try #require(tenant.plan.agents.first?.username)
        let rooms = try await installation.chat.rooms().filter { $0["members"].array.contains(.string(agent)) }
        #expect(rooms.count == 8)
        try await eventually("the agent is counted for these rooms") {
            let load = try await installation.redis.command("HVALS", "cg:{\(tenant.id)}:load")
            return load.split(separator: "\n").compactMap { Int($0) } == [8]
        }
        #expect(try await installation.redis.command("KEYS", "cg:{\(tenant.id)}:lock:*").isEmpty)
    }

    /// A request as FastCGI and as HTTP bytes.
    private struct Request {
        var records: [UInt8]
        var http: [UInt8]
    }

    private static func requests(_ tenant: TestTenant, token: String, session: HTTPTestJSON) -> [Request] {
        func request(_ method: String, _ target: String, token: String? = nil, body: String = "") -> Request {
            var parameters = [("CONTENT_TYPE", "application/x-www-form-urlencoded")]
            if let token { parameters.append(("HTTP_AUTHORIZATION", token)) }
            let head =
                "\(method) \(target) HTTP/1.1\r\nHost: gateway.test\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + (token.map { "Authorization: \($0)\r\n" } ?? "") + "Content-Length: \(body.utf8.count)\r\n\r\n"
            return Request(
                records: FastCGIBytes.request(method, target, parameters: parameters, body: Array(body.utf8)),
                http: Array((head + body).utf8))
        }
        let history = "/customers/history_message?room_id=\(session["rid"].string ?? "")"
        return [
            request("GET", "/customers/auth_ping", token: token),
            request("GET", history, token: session["token"].string),
        ]
            + (0..<8).map {
                request("POST", "/customers/client_connect", body: "api_key=\(tenant.id)&name=leaver-\($0)")
            }
    }

    /// Peers of the daemon and of nginx send a part or all of a request, wait a moment or not, and leave.
    private func leave(_ count: Int, _ requests: [Request], seed: UInt64) async throws {
        let socket = installation.sockets[0]
        guard case .unix(let site) = installation.nginx.address else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 as Range<UInt64> {
                group.addTask {
                    try await FastCGIClient.background {
                        var random = SeededGenerator(state: seed &* 1_000 &+ worker)
                        for _ in 0..<count / 4 {
                            let isDirect = Bool.random(using: &random)
                            guard let request = requests.randomElement(using: &random) else { return }
                            let bytes = isDirect ? request.records : request.http
                            let peer = try FastCGIClient(isDirect ? socket : site)
                            let isWhole = UInt8.random(in: 0..<4, using: &random) > 0
                            let length = isWhole ? bytes.count : Int.random(in: 0..<bytes.count, using: &random)
                            // nginx may have had enough of it already.
                            try? peer.send(Array(bytes[..<length]))
                            switch UInt8.random(in: 0..<4, using: &random) {
                            case 0: peer.endSending()
                            case 1: usleep(UInt32.random(in: 0..<3_000, using: &random))
                            case 2 where isWhole: _ = try? peer.receive(atMost: 7, timeout: 0.01)
                            default: break
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
