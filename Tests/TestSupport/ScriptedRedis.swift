internal import Glibc
internal import Synchronization

/// A fake Redis server on a Unix socket, or on a port of 127.0.0.1, that answers each command with whatever bytes the
/// test says, good or bad.
public final class ScriptedRedis: Sendable {
    /// A command as it came in.
    public struct Command: Sendable, Equatable {
        /// Which connection it came on, from 0.
        public var connection: Int
        /// Its name and arguments.
        public var words: [String]
        /// The name in capitals.
        public var name: String { words.first?.uppercased() ?? "" }
    }

    /// What to do about a command.
    public enum Answer: Sendable {
        /// These bytes, as they stand.
        case send(String)
        /// Nothing, for ever.
        case silence
        /// These bytes, then the end.
        case sendAndClose(String)
        /// What a healthy server says: `+PONG` to PING, `+OK` to everything else.
        case usual
    }

    /// Where it listens; unused when it has a port.
    public let socket: String
    /// The port of 127.0.0.1 that it listens on, when one was asked for; else 0.
    public let port: UInt16
    private let folder: TemporaryFolder
    private let listener: Int32
    private let connections = Mutex<[Int32]>([])
    private let commands = WaitableState<[Command]>([])
    private let answer: @Sendable (Command) -> Answer

    /// `unix://…` for a client's configuration.
    public var url: String { "unix://\(socket)" }

    /// Starts listening; with `tcp` on a port that the system chooses.
    public init(tcp: Bool = false, answer: @escaping @Sendable (Command) -> Answer = { _ in .usual }) throws {
        folder = try TemporaryFolder()
        socket = folder.file("s.sock")
        self.answer = answer
        (listener, port) = tcp ? try Self.listenOnPort() : (try Self.listen(at: socket), 0)
        let descriptor = listener
        BackgroundThread.start { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0, let self else { break }
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                let number = connections.withLock { connections in
                    connections.append(connection)
                    return connections.count - 1
                }
                BackgroundThread.start { [weak self] in Self.serve(connection, number) { self?.take($0) } }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for connection in connections.withLock({ $0 }) { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    /// How many connections there have been.
    public var connectionCount: Int { connections.withLock { $0.count } }

    /// All commands so far.
    public var received: [Command] { commands.now }

    /// Waits until a condition on the commands so far holds.
    public func waitForCommands(_ what: String, until holds: @Sendable ([Command]) -> Bool) async throws {
        try await commands.wait(for: what) { holds($0) ? () : nil }
    }

    /// Sends bytes that no command asked for over the latest connection.
    public func push(_ text: String) {
        guard let connection = connections.withLock({ $0.last }) else { return }
        Self.write(text, to: connection)
    }

    private static func listen(at path: String) throws -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0, Glibc.listen(descriptor, 128) == 0 else { throw ChildProcessError.failed("listen", errno) }
        return descriptor
    }

    private static func listenOnPort() throws -> (Int32, UInt16) {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        guard code == 0, Glibc.listen(descriptor, 128) == 0 else { throw ChildProcessError.failed("listen", errno) }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private func take(_ command: Command) -> Answer {
        commands.change { $0.append(command) }
        switch answer(command) {
        case .usual: return .send(command.name == "PING" ? "+PONG\r\n" : "+OK\r\n")
        case let other: return other
        }
    }

    private static func serve(_ descriptor: Int32, _ number: Int, _ take: (Command) -> Answer?) {
        defer { shutdown(descriptor, Int32(SHUT_RDWR)) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            bytes.append(contentsOf: buffer.prefix(count))
            var position = 0
            while let words = nextCommand(bytes, &position) {
                switch take(Command(connection: number, words: words)) {
                case .send(let text): write(text, to: descriptor)
                case .sendAndClose(let text):
                    write(text, to: descriptor)
                    return
                case .silence, .usual: break
                case nil: return
                }
            }
            bytes.removeFirst(position)
        }
    }

    /// `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n` → `["GET", "k"]`; nil, and the position unmoved, while it is incomplete.
    private static func nextCommand(_ bytes: [UInt8], _ position: inout Int) -> [String]? {
        var cursor = position
        guard let count = number(bytes, &cursor) else { return nil }
        var words: [String] = []
        for _ in 0..<count {
            guard let length = number(bytes, &cursor), cursor + length + 2 <= bytes.count else { return nil }
            words.append(String(decoding: bytes[cursor..<cursor + length], as: UTF8.self))
            cursor += length + 2
        }
        position = cursor
        return words
    }

    private static func number(_ bytes: [UInt8], _ cursor: inout Int) -> Int? {
        guard cursor < bytes.count, let end = bytes[cursor...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { cursor = end + 1 }
        return Int(String(decoding: bytes[(cursor + 1)..<(end - 1)], as: UTF8.self))
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
