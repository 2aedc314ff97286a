internal import Glibc

/// SIGHUP while the daemon starts. It ends a process that has no handler for it, and the handler needs the loop; so it
/// is held back from the first moment on, and comes when the gateway can read its configuration anew.
///
/// SIGTERM is not: a start that is no longer wanted may end at once.
enum ReloadSignal {
    /// Holds it back. Call it on the main thread, before there are others: they inherit this.
    static func hold() { change(SIG_BLOCK) }

    /// Lets it come, also one that came meanwhile. Call it on the main thread, after the handler is there.
    static func admit() { change(SIG_UNBLOCK) }

    private static func change(_ how: Int32) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGHUP)
        pthread_sigmask(how, &signals, nil)
    }
}
