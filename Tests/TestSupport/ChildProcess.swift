public import Glibc

/// A process that a test starts, whose output it can wait for, and that never outlives the test.
///
/// It leads a process group of its own. It and its children are killed when the value is released, and also when the
/// test process dies in whatever way: a small shell in the group holds one end of a pipe for that.
public final class ChildProcess: Sendable {
    /// The process's id.
    public let pid: pid_t
    private let executable: String
    private let lifeline: Int32
    private let state = WaitableState(State())

    private static let spawning = SpawnLock()

    private struct State: Sendable {
        var lines: [String] = []
        var partial: [UInt8] = []
        var isOutputEnded = false
        var exitCode: Int32?
    }

    private static let script = #"(read _ <&3; kill -9 0) >/dev/null 2>&1 & cd "$1" && shift && exec "$@" 3<&-"#

    /// Starts a program; standard output and standard error are collected as lines, standard input is empty.
    ///
    /// - Parameters:
    ///   - executable: a path, or a name that is looked up in `PATH`.
    ///   - arguments: what follows the name.
    ///   - environment: variables beside those of the test process.
    ///   - folder: the working folder; nil for the test's own.
    /// - Throws: ``ChildProcessError`` when the system refuses.
    public init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], folder: String? = nil
    ) throws {
        self.executable = executable
        // One at a time, so that no child inherits another's pipes before they are marked close-on-exec.
        Self.spawning.lock()
        defer { Self.spawning.unlock() }
        let output = try Self.makePipe()
        let lifeline = try Self.makePipe()
        defer {
            close(output.write)
            close(lifeline.read)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        posix_spawn_file_actions_adddup2(&actions, output.write, 2)
        posix_spawn_file_actions_adddup2(&actions, lifeline.read, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The loops' threads block signals; a child would inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        var usual = sigset_t()
        sigfillset(&usual)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let words = ["/bin/sh", "-c", Self.script, "sh", folder ?? ".", executable] + arguments
        let variables = Self.currentEnvironment().merging(environment) { $1 }.map { "\($0)=\($1)" }
        var pid: pid_t = 0
        let code = Self.withCStrings(words) { words in
            Self.withCStrings(variables) { posix_spawn(&pid, "/bin/sh", &actions, &attributes, words, $0) }
        }
        guard code == 0 else {
            close(output.read)
            close(lifeline.write)
            throw ChildProcessError.failed("posix_spawn \(executable)", code)
        }
        self.pid = pid
        self.lifeline = lifeline.write
        let (state, child) = (state, pid)
        BackgroundThread.start { Self.collect(output.read, into: state) }
        BackgroundThread.start { Self.await(child, state) }
    }

    deinit {
        kill()
        close(lifeline)
    }

    /// What it has printed so far.
    public var lines: [String] { state.now.lines }

    /// The first line that contains `text`, as soon as it is printed.
    ///
    /// - Throws: ``ChildProcessError/timedOut(_:)`` with the output so far, also when the process has ended before.
    public func waitForLine(containing text: String, within patience: Duration = .seconds(20)) async throws -> String {
        let name = executable
        let found: String?? = try await state.wait(for: "\"\(text)\" from \(name)", within: patience) { state in
            if let line = state.lines.first(where: { $0.contains(text) }) { return .some(line) }
            return state.exitCode == nil ? nil : .some(nil)
        }
        if let line = found ?? nil { return line }
        throw ChildProcessError.timedOut(
            "\"\(text)\" from \(name), which ended: \(lines.suffix(20).joined(separator: "\n"))")
    }

    /// Its exit code once it has ended and all of its output is in ``lines``; 128 + number for a signal.
    @discardableResult
    public func waitForExit(within patience: Duration = .seconds(20)) async throws -> Int32 {
        try await state.wait(for: "the end of \(executable)", within: patience) { $0.isOutputEnded ? $0.exitCode : nil }
    }

    /// Whether it has not ended yet.
    public var isRunning: Bool { state.now.exitCode == nil }

    /// Sends a signal to the process alone.
    public func signal(_ number: Int32) {
        guard isRunning else { return }
        Glibc.kill(pid, number)
    }

    /// Asks it to end (SIGTERM).
    public func terminate() { signal(SIGTERM) }

    /// Kills it and all its children (SIGKILL).
    public func kill() {
        guard isRunning else { return }
        Glibc.kill(-pid, SIGKILL)
    }

    /// Returns when the kernel says that the process is in this state (`T` is stopped, as after SIGSTOP).
    func waitUntil(kernelState wanted: Character) throws {
        for _ in 0..<20_000 {
            guard isRunning else { break }
            // "pid (name) S …"
            let text = Self.readFile("/proc/\(pid)/stat")
            if let end = text.lastIndex(of: ")"), text[end...].dropFirst(2).first == wanted { return }
            usleep(500)
        }
        throw ChildProcessError.timedOut("state \(wanted) of \(executable)")
    }
}

// MARK: - Threads and C strings

extension ChildProcess {
    private static func collect(_ descriptor: Int32, into state: WaitableState<State>) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            let bytes = Array(buffer.prefix(count))
            state.change { state in
                for byte in bytes {
                    if byte == UInt8(ascii: "\n") {
                        state.lines.append(String(decoding: state.partial, as: UTF8.self))
                        state.partial = []
                    } else {
                        state.partial.append(byte)
                    }
                }
            }
        }
        close(descriptor)
        state.change { $0.isOutputEnded = true }
    }

    private static func await(_ pid: pid_t, _ state: WaitableState<State>) {
        // First without reaping, so that the group's id cannot be taken by others while it is killed.
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        Glibc.kill(-pid, SIGKILL)
        state.change { state in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            state.exitCode = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        }
    }

    private static func makePipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ChildProcessError.failed("pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func currentEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        for line in readFile("/proc/self/environ").split(separator: "\0") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return variables
    }

    private static func readFile(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: buffer.prefix(count))
        }
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// A lock that is held over the whole of a throwing initialiser, which a `Mutex` cannot.
private final class SpawnLock: @unchecked Sendable {
    // @unchecked: a POSIX mutex at a fixed address.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    init() {
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }
    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
}
