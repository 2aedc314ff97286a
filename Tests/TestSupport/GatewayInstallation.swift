internal import Foundation
internal import Synchronization

/// A whole installation for tests in a temporary folder: nginx with the project's files, `customersd`, a private Redis
/// and `devchat`. Nothing of it is shared with other installations, and nothing of it outlives the value.
public final class GatewayInstallation: Sendable {
    /// How to start one.
    public struct Plan: Sendable {
        /// `customersd.yaml`.
        public var configuration = GatewayTestConfiguration()
        /// Arguments of devchat.
        public var chatArguments: [String] = []
        /// Put a relay between the daemon and devchat, so that the chat server can go away and come back with its
        /// memory.
        public var relaysChat = false
        /// How many daemons serve side by side on one Redis.
        public var daemons = 1
        /// Whether `X-Forwarded-For` names the client.
        public var trustsForwardedFor = true
        /// Tenants that are there from the start.
        public var tenants: [GatewayTenantPlan] = []
        /// `redis.url` of servers that a test has started itself; nil for the private one.
        public var redisURL: String?
        /// Whether Redis is away when the daemon starts.
        public var redisIsAway = false
        /// Whether the chat server is away when the daemon starts; needs `relaysChat`.
        public var chatIsAway = false

        /// The usual installation.
        public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }
    }

    /// The key that access tokens are signed with, before its final newline.
    public static let tokenKey = "e2e-token-key-of-the-test-installation-0123456789"
    /// What seals tokens and derives passwords, before its final newline.
    public let sealKey = Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()

    /// Where the configuration and the sockets lie.
    public let folder: TemporaryFolder
    /// The private Redis.
    public let redis: RedisServer
    /// The stand-in chat server.
    public let chat: DevChatProcess
    /// What the daemon reaches the chat server through, if the plan wants it.
    public let relay: GatewayRelay?
    /// The web server.
    public let nginx: NginxProcess
    /// Talks to nginx.
    public let client: HTTPTestClient
    /// The daemons' sockets.
    public let sockets: [String]
    /// The daemons' control sockets.
    public var controlSockets: [String] {
        sockets.map { $0.replacingOccurrences(of: "/fcgi", with: "/control") }
    }
    private let daemons = Mutex<[GatewayProcess]>([])
    private let configurationFiles: [String]

    /// The daemon; the first when there are several.
    public var daemon: GatewayProcess { get throws { try daemon(0) } }

    /// A daemon by number.
    public func daemon(_ number: Int) throws -> GatewayProcess {
        guard let daemon = daemons.withLock({ $0.dropFirst(number).first }) else {
            throw HTTPTestError.malformed("no daemon \(number) was started")
        }
        return daemon
    }

    /// Starts everything and returns when it answers.
    public init(_ plan: Plan = Plan()) async throws {
        folder = try TemporaryFolder()
        redis = try await RedisServer()
        chat = try await DevChatProcess(arguments: plan.chatArguments)
        relay = plan.relaysChat ? try GatewayRelay(to: chat.port) : nil
        sockets = (0..<plan.daemons).map { [folder] in folder.file("fcgi\($0).sock") }
        try folder.write("\(DevChatProcess.gatewayPassword)\n", to: "chat.password")
        try folder.write("\(Self.tokenKey)\n", to: "token.key")
        try folder.write("\(sealKey)\n", to: "seal.key")
        try FileManager.default.createDirectory(atPath: folder.file("tenants.d"), withIntermediateDirectories: false)
        var files: [String] = []
        for (number, socket) in sockets.enumerated() {
            files.append(
                try folder.write(
                    plan.configuration.yaml(
                        folder: folder.path, socket: socket, redis: plan.redisURL ?? redis.url,
                        chat: relay?.url ?? chat.url),
                    to: "customersd\(number).yaml"))
        }
        configurationFiles = files
        var nginxPlan = NginxProcess.Plan(daemonSocket: sockets.first ?? "")
        nginxPlan.daemonSockets = sockets
        nginxPlan.trustsForwardedFor = plan.trustsForwardedFor
        nginx = try await NginxProcess(nginxPlan)
        client = HTTPTestClient(nginx.address)
        for tenant in plan.tenants { try await prepare(tenant) }
        if plan.redisIsAway { try await redis.stop() }
        if plan.chatIsAway { relay?.cut() }
        for number in sockets.indices { try startDaemon(number) }
        try await waitUntilServing()
    }

    /// Starts a daemon (again).
    public func startDaemon(_ number: Int = 0) throws {
        let daemon = try GatewayProcess(configurationFile: configurationFiles[number])
        daemons.withLock { daemons in
            if daemons.indices.contains(number) { daemons[number] = daemon } else { daemons.append(daemon) }
        }
    }

    /// Returns when every daemon answers through FastCGI, and nginx.
    public func waitUntilServing() async throws {
        for (number, socket) in sockets.enumerated() {
            let daemon = try daemon(number)
            try await eventually("customersd \(number) answers") {
                guard daemon.process.isRunning else {
                    throw HTTPTestError.malformed("customersd ended:\n" + daemon.log.suffix(20).joined(separator: "\n"))
                }
                // The socket may not be there yet, or be a dead daemon's.
                let reply = try? await FastCGIClient.background {
                    try FastCGIClient(socket).exchange(FastCGIBytes.request("GET", "/customers/openapi.yaml"))
                }
                return reply?.status == 200
            }
        }
        try await eventually("the gateway answers") {
            try await client.send(.get("/customers/openapi.yaml")).status == 200
        }
    }

    // MARK: Tenants

    /// Makes a tenant known: its agents to devchat, its file to the daemons, by reload.
    public func add(_ plan: GatewayTenantPlan) async throws {
        try await prepare(plan)
        try await reload()
        try await eventually("the tenant is known") {
            // Another test may have written its file after our reload had read the folder, or have cut ours short.
            try await knows(plan)
        }
    }

    /// Writes a tenant's file, in one step as an editor does, and gives its agents accounts.
    public func prepare(_ plan: GatewayTenantPlan) async throws {
        let agents = plan.agents.map { ($0.username, $0.status) }
        if !agents.isEmpty { _ = try await chat.addUsers(agents) }
        try write(plan.yaml, toTenantFile: plan.id)
    }

    /// Replaces a file in `tenants.d` in one step.
    public func write(_ text: String, toTenantFile name: String) throws {
        let draft = try folder.write(text, to: "draft-\(UUID().uuidString)")
        guard rename(draft, folder.file("tenants.d/\(name).yaml")) == 0 else {
            throw ChildProcessError.failed("rename", errno)
        }
    }

    /// Asks all daemons to read their configuration again.
    public func reload() async throws {
        for number in sockets.indices { try daemon(number).reload() }
    }

    /// Whether a tenant is configured: another answer than `apiKey wrong`, from every daemon. Asks them past nginx,
    /// which chooses for itself.
    public func knows(_ plan: GatewayTenantPlan) async throws -> Bool {
        // From an address of its own each time: what fails is counted by address.
        let address = "198.51.\(Int.random(in: 0...255)).\(Int.random(in: 1...254))"
        let request = FastCGIBytes.request(
            "GET", "/managers/access_token?apiKey=\(plan.id)&signature=AAAA",
            parameters: [("REMOTE_ADDR", address)])
        for socket in sockets {
            let reply = try await FastCGIClient.background { try FastCGIClient(socket).exchange(request) }
            guard reply.status == 401 else { return false }
        }
        return true
    }

    // MARK: Failures

    private static func isUsual(_ line: String) -> Bool {
        line.contains("level=debug") || line.contains("level=info")
            || line.contains("a secret in the configuration file")
            || line.contains("identity: claimed")
    }

    /// The ends of all logs, for a failed test.
    public var tails: String {
        func tail(_ name: String, _ lines: [String]) -> String {
            // How it began, and how it ended.
            let shown = lines.count > 60 ? lines.prefix(20) + ["…"] + lines.suffix(40) : lines[...]
            return "--- \(name) (\(lines.count) lines)\n" + shown.joined(separator: "\n")
        }
        let daemons = daemons.withLock { $0 }
        return
            (daemons.enumerated().flatMap { number, daemon in
                [
                    tail("customersd \(number), troubles", daemon.log.filter { !Self.isUsual($0) }),
                    tail("customersd \(number)", daemon.log),
                ]
            } + [
                tail("nginx errors", nginx.errorLog), tail("nginx access", nginx.accessLog),
                tail("devchat", chat.process.lines),
            ]).joined(separator: "\n")
    }
}
