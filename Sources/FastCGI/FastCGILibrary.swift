internal import CFCGI
internal import Glibc

/// libfcgi as a whole: what has to be done once for the process.
public enum FastCGILibrary {
    /// Variables that change libfcgi's behaviour (hazards H21, H25).
    private static let variables = [
        "LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT", "FCGI_WEB_SERVER_ADDRS",
    ]

    private static let result: Int32 = {
        for name in variables { unsetenv(name) }
        let signals = [SIGPIPE, SIGUSR1, SIGTERM]
        let before = signals.map { signal -> sigaction in
            var action = sigaction()
            sigaction(signal, nil, &action)
            return action
        }
        let code = FCGX_Init()
        for (signal, action) in zip(signals, before) {
            var action = action
            sigaction(signal, &action, nil)
        }
        // A peer that leaves must be an error of `write`, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        return code
    }()

    /// Initialises libfcgi, takes its signal handlers out again and ignores SIGPIPE (hazards H7, H25, H27).
    ///
    /// Call it once at start, before there are threads; further calls do nothing. ``FastCGIServer`` does it otherwise.
    ///
    /// - Throws: ``FastCGIError`` with code `library`.
    public static func initialize() throws(FastCGIError) {
        guard result == 0 else { throw FastCGIError(.library, "libfcgi cannot be initialised (code \(result))") }
    }
}
