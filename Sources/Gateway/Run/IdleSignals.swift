internal import Glibc

/// The signals that mean nothing to the daemon and would end it without a drain: a tool that tries whether they mean
/// something, as they do to other daemons, must not cost requests.
enum IdleSignals {
    static let all = [SIGUSR1, SIGUSR2, SIGALRM]

    /// Ignores them from now on. Call it on the main thread, before there are others.
    static func ignore() {
        for number in all { signal(number, SIG_IGN) }
    }
}
