internal import Glibc

/// What the service manager handed to this process (sd_listen_fds(3)).
public struct InheritedSockets: Sendable {
    /// Where to listen, in the order of the socket unit's lines.
    public let listeners: [ListenSocket]
    /// What a former process had it keep over a restart, closed on exec; the caller's to close.
    public let stored: [Int32]

    /// The first descriptor that systemd hands over.
    static let first: Int32 = 3

    /// Takes what was handed over (`LISTEN_PID`, `LISTEN_FDS`): what listens, and what was stored.
    ///
    /// The variables are removed, so that no child believes they are for it. Call it at start, before there are
    /// threads.
    ///
    /// - Returns: nil when nothing was handed to this process.
    /// - Throws: ``FastCGIError`` with code `badInheritance` when none of it listens.
    public static func take() throws(FastCGIError) -> InheritedSockets? {
        try take(startingAt: first)
    }

    /// Whether there is a connection to be accepted on a socket that was handed over and not taken.
    public static var isSomebodyWaiting: Bool {
        guard getenv("LISTEN_PID").flatMap({ pid_t(String(cString: $0)) }) == getpid() else { return false }
        let count = getenv("LISTEN_FDS").flatMap { Int32(String(cString: $0)) } ?? 0
        var looks = (first..<(first &+ min(max(count, 0), 1_024))).filter(ListenSocket.isListening).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        return poll(&looks, nfds_t(looks.count), 0) > 0
    }

    static func take(startingAt first: Int32) throws(FastCGIError) -> InheritedSockets? {
        let process = getenv("LISTEN_PID").flatMap { pid_t(String(cString: $0)) }
        let count = getenv("LISTEN_FDS").flatMap { Int32(String(cString: $0)) }
        guard process == getpid(), let count, count > 0, count < 1_024 else { return nil }
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
        for descriptor in first..<(first &+ count) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let listening = (first..<(first &+ count)).filter(ListenSocket.isListening)
        var listeners: [ListenSocket] = []
        // With none that listens the first says what is wrong.
        for descriptor in listening.isEmpty ? [first] : listening {
            listeners.append(try ListenSocket(inherited: descriptor))
        }
        return InheritedSockets(
            listeners: listeners, stored: (first..<(first &+ count)).filter { !listening.contains($0) })
    }
}
