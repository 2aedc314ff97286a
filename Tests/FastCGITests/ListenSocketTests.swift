import Glibc
import TestSupport
import Testing

@testable import FastCGI

@Suite("Listen socket", .serialized)
struct ListenSocketTests {
    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test("a Unix socket has mode 0660, is closed on exec and does not block")
    func unixSocket() throws {
        let folder = try TemporaryFolder()
        let listener = try ListenSocket.open(.unix(path: folder.path + "/s"))
        #expect(mode(folder.path + "/s") == 0o660)
        #expect(fcntl(listener.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(listener.descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(!listener.isInherited)
    }

    @Test("a group that exists is given the socket, an unknown one is an error that leaves nothing behind")
    func group() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s"
        let own = try #require(getgrgid(getgid()).map { String(cString: $0.pointee.gr_name) })
        try ListenSocket.open(.unix(path: path), options: ListenOptions(group: own)).close()
        let error = #expect(throws: FastCGIError.self) {
            try ListenSocket.open(.unix(path: path), options: ListenOptions(group: "no-such-group"))
        }
        #expect(error?.message == "there is no group \"no-such-group\"")
        #expect(access(path, F_OK) != 0)
    }

    @Test("a socket on which somebody answers is not replaced, also when its backlog is full")
    func inUse() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s"
        let first = try ListenSocket.open(.unix(path: path), options: ListenOptions(backlog: 0))
        for _ in 0..<3 {
            let error = #expect(throws: FastCGIError.self) { try ListenSocket.open(.unix(path: path)) }
            #expect(error?.code == .inUse)
        }
        #expect(access(path, F_OK) == 0)
        first.close()
        #expect(access(path, F_OK) != 0)
    }

    @Test("a stale socket is replaced")
    func stale() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s"
        // Closing the descriptor behind the value's back leaves the file, as a process that was killed does.
        let dead = socket(AF_UNIX, ListenSocket.streamType(), 0)
        #expect(SocketAddress(.unix(path: path)).withPointer { bind(dead, $0, $1) } == 0)
        listen(dead, 1)
        close(dead)
        #expect(access(path, F_OK) == 0)
        let listener = try ListenSocket.open(.unix(path: path))
        #expect(listen(listener.descriptor, 1) == 0)
        #expect(
            try await FastCGIClient.background {
                _ = try FastCGIClient(path); return true
            })
    }

    @Test("a path that is no socket, or whose folder is missing, is an error and is left alone")
    func notASocket() throws {
        let folder = try TemporaryFolder()
        let file = open(folder.path + "/s", O_CREAT | O_WRONLY, 0o600)
        close(file)
        let error = #expect(throws: FastCGIError.self) { try ListenSocket.open(.unix(path: folder.path + "/s")) }
        #expect(error?.code == .notAllowed)
        #expect(access(folder.path + "/s", F_OK) == 0)
        let missing = #expect(throws: FastCGIError.self) { try ListenSocket.open(.unix(path: folder.path + "/no/s")) }
        #expect(missing?.description.contains("/no/s: No such file or directory") == true)
    }

    @Test("closing removes the path only while it is still this socket's")
    func unlinkOwnOnly() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s"
        let first = try ListenSocket.open(.unix(path: path))
        unlink(path)
        let second = try ListenSocket.open(.unix(path: path))
        first.close()
        #expect(access(path, F_OK) == 0)
        second.close()
        #expect(access(path, F_OK) != 0)
    }

    @Test("TCP listens on loopback only, unless told otherwise")
    func loopbackOnly() throws {
        let error = #expect(throws: FastCGIError.self) { try ListenSocket.open(ListenAddress("0.0.0.0:0")) }
        #expect(error?.code == .notAllowed)
        let open = try ListenSocket.open(ListenAddress("0.0.0.0:0"), options: ListenOptions(allowsRemote: true))
        guard case .ipv4("0.0.0.0", let port) = open.address else {
            Issue.record("\(open.address)")
            return
        }
        #expect(port > 0)
    }

    @Test("a port in use is an error that says so")
    func portInUse() throws {
        let first = try ListenSocket.open(ListenAddress("127.0.0.1:0"))
        let error = #expect(throws: FastCGIError.self) { try ListenSocket.open(first.address) }
        #expect(error?.code == .inUse)
        #expect(error?.description.contains("\(first.address)") == true)
    }

    @Test("a socket handed over is taken once, keeps its path, and the variables are gone")
    func inherited() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s"
        let handed = socket(AF_UNIX, ListenSocket.streamType(), 0)
        #expect(SocketAddress(.unix(path: path)).withPointer { bind(handed, $0, $1) } == 0)
        listen(handed, 5)
        setenv("LISTEN_PID", "\(getpid())", 1)
        setenv("LISTEN_FDS", "1", 1)
        let listener = try #require(try InheritedSockets.take(startingAt: handed)?.listeners.first)
        #expect(listener.address == .unix(path: path))
        #expect(listener.isInherited)
        #expect(fcntl(handed, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(handed, F_GETFL) & O_NONBLOCK != 0)
        #expect(getenv("LISTEN_PID") == nil && getenv("LISTEN_FDS") == nil)
        #expect(try InheritedSockets.take(startingAt: handed) == nil)
        listener.close()
        #expect(access(path, F_OK) == 0)
    }

    @Test("what a former process stored comes after the socket, closed on exec")
    func inheritedStored() throws {
        let folder = try TemporaryFolder()
        let first = try numbersInARow(2)
        let second = first + 1
        let listener = try ListenSocket.open(.unix(path: folder.path + "/s"))
        #expect(dup2(listener.descriptor, first) == first)
        setenv("LISTEN_PID", "\(getpid())", 1)
        setenv("LISTEN_FDS", "2", 1)
        let inherited = try #require(try InheritedSockets.take(startingAt: first))
        #expect(inherited.listeners.map(\.descriptor) == [first])
        #expect(inherited.stored == [second])
        #expect(fcntl(second, F_GETFD) & FD_CLOEXEC != 0)
        close(second)
    }

    @Test("every socket of a unit is listened at, a dual-stack one too, and what was stored may lie between them")
    func inheritedSeveral() throws {
        let folder = try TemporaryFolder()
        let first = try numbersInARow(3)
        let dual = socket(AF_INET6, ListenSocket.streamType(), 0)
        #expect(SocketAddress(.ipv6(host: "::", port: 0)).withPointer { bind(dual, $0, $1) } == 0)
        listen(dual, 5)
        #expect(dup2(dual, first) == first)
        close(dual)
        let unix = try ListenSocket.open(.unix(path: folder.path + "/s"))
        #expect(dup2(unix.descriptor, first + 2) == first + 2)
        setenv("LISTEN_PID", "\(getpid())", 1)
        setenv("LISTEN_FDS", "3", 1)
        let inherited = try #require(try InheritedSockets.take(startingAt: first))
        #expect(inherited.listeners.map(\.descriptor) == [first, first + 2])
        #expect(inherited.listeners.map(\.address.isLocal) == [false, true])
        #expect(inherited.stored == [first + 1])
        close(first + 1)
    }

    /// Free numbers in a row, as systemd hands descriptors over, taken by copies of standard input; other tests take
    /// numbers too.
    private func numbersInARow(_ count: Int32) throws -> Int32 {
        var start: Int32 = 100
        while true {
            let taken = try (0..<count).map { number in
                let descriptor = fcntl(STDIN_FILENO, F_DUPFD, start + number)
                try #require(descriptor >= 0)
                return descriptor
            }
            if taken == Array(taken[0]..<(taken[0] + count)) { return taken[0] }
            for descriptor in taken { close(descriptor) }
            start = taken[0] + 1
        }
    }

    @Test("what was handed to another process is not taken")
    func inheritedByAnother() throws {
        setenv("LISTEN_PID", "1", 1)
        setenv("LISTEN_FDS", "1", 1)
        defer { for name in ["LISTEN_PID", "LISTEN_FDS"] { unsetenv(name) } }
        #expect(try InheritedSockets.take(startingAt: 3) == nil)
    }

    @Test("a descriptor handed over that does not listen is an error")
    func inheritedRubbish() throws {
        let connected = socket(AF_UNIX, ListenSocket.streamType(), 0)
        defer { close(connected) }
        setenv("LISTEN_PID", "\(getpid())", 1)
        setenv("LISTEN_FDS", "1", 1)
        let error = #expect(throws: FastCGIError.self) { try InheritedSockets.take(startingAt: connected) }
        #expect(error?.code == .badInheritance)
    }
}
