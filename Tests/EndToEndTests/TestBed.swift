import Foundation
import TestSupport
import Testing

/// What a suite's tests talk to: an installation of the suite's own, or the running one that `CUSTOMERS_INSTALLATION`
/// names.
struct TestBed: Sendable {
    /// Talks to nginx.
    let client: HTTPTestClient
    private let own: GatewayInstallation?
    private let external: RunningInstallation?

    @TaskLocal private static var bed: TestBed?

    /// The bed of the suite that runs.
    static var current: TestBed {
        get throws { try #require(bed, "the suite lacks the trait .installation()") }
    }

    static func with(
        _ installation: GatewayInstallation, _ body: @Sendable () async throws -> Void
    ) async throws {
        let bed = TestBed(client: installation.client, own: installation, external: nil)
        try await $bed.withValue(bed, operation: body)
    }

    static func with(_ external: RunningInstallation, _ body: @Sendable () async throws -> Void) async throws {
        guard let server = HTTPTestServerAddress(external.url) else {
            throw HTTPTestError.malformed("not http://address:port: \(external.url)")
        }
        let bed = TestBed(client: HTTPTestClient(server), own: nil, external: external)
        try await $bed.withValue(bed, operation: body)
    }

    /// The processes; suites that ask for them have the trait `.ownProcesses`.
    var installation: GatewayInstallation {
        get throws { try #require(own) }
    }

    /// A tenant that no other test uses. A running installation has one for all: good for tests that do not care how it
    /// is set up and whose customers' names are their own.
    func tenant(_ plan: GatewayTenantPlan = GatewayTenantPlan()) async throws -> TestTenant {
        if let external {
            return TestTenant(
                id: external.tenant, secretKey: external.secretKey, client: client, plan: GatewayTenantPlan())
        }
        try await installation.add(plan)
        return TestTenant(id: plan.id, secretKey: plan.secretKey, client: client, plan: plan)
    }
}

/// What the file says that `CUSTOMERS_INSTALLATION` names: where a gateway runs, and a tenant of it whose agents are
/// online.
///
///     {"url": "http://127.0.0.1:8080", "tenant": "8009bf1c-…", "secretKey": "3WsQ…"}
struct RunningInstallation: Sendable, Decodable {
    var url: String
    var tenant: String
    var secretKey: String

    static let file = ProcessInfo.processInfo.environment["CUSTOMERS_INSTALLATION"]

    static func read() throws -> RunningInstallation? {
        guard let file else { return nil }
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    }
}
