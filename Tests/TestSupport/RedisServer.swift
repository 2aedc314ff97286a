internal import Glibc
internal import Synchronization

/// A private redis-server on a Unix socket in a temporary folder, without persistence; gone when the value is released.
public final class RedisServer: Sendable {
    /// Where the socket lies; it stays the same over ``restart()``.
    public let folder: TemporaryFolder
    /// The path of the Unix socket.
    public let socket: String
    /// The port on 127.0.0.1, when one was asked for.
    public let port: UInt16?
    private let process = Mutex<ChildProcess?>(nil)

    /// `unix://…` for a client's configuration.
    public var url: String { "unix://\(socket)" }

    /// Starts a server and returns when it takes connections.
    ///
    /// - Parameters:
    ///   - password: `requirepass`.
    ///   - settings: further lines for redis.conf, such as `user gateway on >secret ~* &* +@all`.
    ///   - tcp: whether it listens on a free port of 127.0.0.1 as well.
    /// - Throws: ``ChildProcessError`` when it does not come up; its output is in the message.
    public init(password: String? = nil, settings: [String] = [], tcp: Bool = false) async throws {
        folder = try TemporaryFolder()
        socket = folder.file("redis.sock")
        port = tcp ? try Self.freePort() : nil
        var lines = [
            "port \(port ?? 0)", "bind 127.0.0.1", "unixsocket \(socket)", "unixsocketperm 700", "dir \(folder.path)",
            "daemonize no", "save \"\"", "appendonly no", "enable-debug-command local",
        ]
        if let password { lines.append("requirepass \(password)") }
        try folder.write((lines + settings).joined(separator: "\n") + "\n", to: "redis.conf")
        try await start()
    }

    /// The id of the server's process now; nil while none runs.
    public var pid: Int32? { process.withLock { $0?.isRunning == true ? $0?.pid : nil } }

    /// Starts it again after ``stop()`` or ``kill()``, on the same socket and empty.
    public func start() async throws {
        let process = try ChildProcess("redis-server", [folder.file("redis.conf")])
        self.process.withLock { $0 = process }
        _ = try await process.waitForLine(containing: "eady to accept connections")
    }

    /// Ends it in an orderly way (SIGTERM).
    public func stop() async throws {
        try await end { $0.terminate() }
    }

    /// Ends it at once (SIGKILL); its socket stays behind, as after a crash.
    public func kill() async throws {
        try await end { $0.kill() }
    }

    /// Stops it from running; its connections stay open and silent. Returns when it stands still.
    public func freeze() throws {
        guard let process = process.withLock({ $0 }) else { return }
        process.signal(SIGSTOP)
        try process.waitUntil(kernelState: "T")
    }

    /// Lets it run on after ``freeze()``.
    public func thaw() {
        process.withLock { $0 }?.signal(SIGCONT)
    }

    /// Asks until a line of the answer is as wanted, such as `master_link_status:up` of `INFO replication`.
    public func wait(for line: String, of words: String...) async throws {
        // A Sentinel that finds its clock uneven, as on a busy machine, does nothing for 30 s.
        let deadline = ContinuousClock.now + .seconds(75)
        while ContinuousClock.now < deadline {
            let lines = try await run(words, password: nil).split(whereSeparator: \.isNewline)
            if lines.contains(where: { $0 == line }) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ChildProcessError.timedOut("\(line) of \(words.joined(separator: " "))")
    }

    /// Runs redis-cli against it and returns what it prints.
    @discardableResult
    public func command(_ words: String..., password: String? = nil) async throws -> String {
        try await run(words, password: password)
    }

    private func run(_ words: [String], password: String?) async throws -> String {
        let secret = password.map { ["--no-auth-warning", "-a", $0] } ?? []
        let client = try ChildProcess("redis-cli", ["-s", socket] + secret + words)
        try await client.waitForExit()
        return client.lines.joined(separator: "\n")
    }

    private func end(_ how: (ChildProcess) -> Void) async throws {
        guard let process = process.withLock({ $0 }) else { return }
        how(process)
        try await process.waitForExit()
    }

    /// A port of 127.0.0.1 that nobody listens on, from below those that the kernel gives to outgoing connections:
    /// those could be taken before the server has it.
    public static func freePort() throws -> UInt16 {
        for _ in 0..<200 {
            let port = UInt16.random(in: 12_000..<32_000)
            guard given.withLock({ $0.insert(port).inserted }) else { continue }
            if try isFree(port) { return port }
        }
        throw ChildProcessError.timedOut("a free port")
    }

    /// Ports that were given out: who got one may not listen on it yet.
    private static let given = Mutex<Set<UInt16>>([])

    private static func isFree(_ port: UInt16) throws -> Bool {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ChildProcessError.failed("socket", errno) }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
