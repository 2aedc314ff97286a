import Glibc
import Testing

@testable import FastCGI

@Suite("libfcgi set-up")
struct FastCGILibraryTests {
    private func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        sigaction(signal, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    private func isDefault(_ signal: Int32) -> Bool {
        var action = sigaction()
        sigaction(signal, nil, &action)
        return action.__sigaction_handler.sa_handler == nil
    }

    @Test("libfcgi's signal handlers are taken out again, and SIGPIPE is ignored")
    func signals() throws {
        try FastCGILibrary.initialize()
        #expect(isIgnored(SIGPIPE))
        #expect(isDefault(SIGUSR1))
        #expect(isDefault(SIGTERM))
        try FastCGILibrary.initialize()
    }
}
