import Glibc
import Testing

@testable import Gateway

@Suite("Daemon's process")
struct DaemonProcessTests {
    @Test(
        "only the daemon's program is one, also after an upgrade has replaced it",
        arguments: [
            ("/usr/sbin/customersd", true), ("/usr/sbin/customersd (deleted)", true), ("/usr/bin/sleep", false),
            ("/usr/bin/customersctl", false), ("/srv/customersd/sleep", false), ("", false),
        ])
    func executable(path: String, isDaemon: Bool) {
        #expect(DaemonProcess.isDaemon(executable: path) == isDaemon)
    }

    @Test("this process is none, nor is one that does not exist")
    func processes() {
        #expect(!DaemonProcess.runs(as: getpid()))
        #expect(!DaemonProcess.runs(as: .max))
    }
}
