import Glibc
import Testing

@testable import Gateway

@Suite("Service manager")
struct ServiceManagerTests {
    @Test("messages are those of sd_notify(3)")
    func messages() throws {
        let socket = try NotifySocket()
        let manager = ServiceManager(environment: socket.environment())
        #expect(manager.isListening)
        manager.ready("serving")
        #expect(socket.next() == "READY=1\nSTATUS=serving\n")
        manager.reloading()
        #expect(socket.next() == "RELOADING=1\n")
        manager.status("busy")
        #expect(socket.next() == "STATUS=busy\n")
        manager.stopping("draining")
        #expect(socket.next() == "STOPPING=1\nSTATUS=draining\n")
        manager.alive()
        #expect(socket.next() == "WATCHDOG=1\n")
        manager.forgetStored(name: "connections")
        #expect(socket.next() == "FDSTOREREMOVE=1\nFDNAME=connections\n")
    }

    @Test("a stored descriptor arrives with its name")
    func store() throws {
        let socket = try NotifySocket()
        let manager = ServiceManager(environment: socket.environment())
        #expect(manager.store(socket.descriptor, name: "connections"))
        let received = try #require(DescriptorMessage.receive(from: socket.descriptor))
        #expect(received.count == 1)
        for descriptor in received { close(descriptor) }
    }

    @Test("nobody listens: nothing is sent and nothing fails")
    func silence() {
        for environment in [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "/nowhere/at/all"]] {
            let manager = ServiceManager(environment: environment)
            manager.ready("serving")
            #expect(!manager.store(0, name: "x"))
        }
        #expect(!ServiceManager(environment: [:]).isListening)
    }

    @Test(
        "the watchdog is for the process that is named, and wants a time",
        arguments: [
            (["WATCHDOG_USEC": "3000000"], Duration.seconds(3)),
            (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "\(getpid())"], .seconds(3)),
            (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"], nil),
            (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "x"], nil),
            ([:], nil),
        ] as [([String: String], Duration?)])
    func watchdog(_ environment: [String: String], _ interval: Duration?) throws {
        let socket = try NotifySocket()
        #expect(ServiceManager(environment: socket.environment(environment)).watchdogInterval == interval)
        #expect(ServiceManager(environment: environment).watchdogInterval == nil)
    }
}
