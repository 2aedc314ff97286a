import Testing

@testable import Gateway

@Suite("Service status")
struct ServiceStatusTests {
    @Test("the line says what matters most first")
    func text() {
        var status = ServiceStatus()
        status.tenants = 1
        #expect(status.text == "serving 1 tenant")
        status.tenants = 2
        status.requestsPerSecond = 1_204
        status.inFlight = 17
        #expect(status.text == "serving 2 tenants; 1204 requests/s; 17 in flight")
        status.waiting = ["chat.url", "limits.body"]
        #expect(
            status.text
                == "a restart is needed for chat.url, limits.body; serving 2 tenants; 1204 requests/s; 17 in flight")
        status.waiting = []
        status.isConfigurationOld = true
        status.storeFailure = "connection refused"
        #expect(
            status.text
                == "Redis is away (connection refused), requests get 503; the configuration has errors, the old one is in force; "
                + "serving 2 tenants; 1204 requests/s; 17 in flight")
    }
}
