internal import ChatBackend
internal import Customers
internal import CustomersRedis
internal import EventLoop
internal import Logging
internal import RedisClient
internal import RocketChatBackend

/// What a command works with: the parts of one loop of the daemon, made from the same configuration, with more
/// patience.
struct AdminBench: Sendable {
    let configuration: GatewayConfiguration
    let plan: GatewayPlan
    let worker: Worker
    let inspection: RedisInspection

    init(_ configuration: GatewayConfiguration, file: String, loop: EventLoop) async throws {
        self.configuration = configuration
        let tenants = TenantDirectory(configuration.tenants.compactMap { Tenant($0) })
        var plan = try await GatewayPlan(configuration, file: file, tenants: tenants)
        plan.redis.commandDeadline = .seconds(3)
        plan.redis.connectDeadline = .seconds(3)
        plan.chat.deadline = .seconds(5)
        self.plan = plan
        // What goes wrong is told once, as the command's own failure.
        let quiet = Logger(label: "customersctl") { _ in SwiftLogNoOpLogHandler() }
        worker = Worker(loop: loop, plan: plan, logger: quiet)
        inspection = RedisInspection(worker.redis)
    }

    /// The tenants that a command is about.
    ///
    /// - Parameter reference: an id in any form or a name; nil for all.
    /// - Returns: at least one when a reference is given.
    /// - Throws: ``AdminError`` when there is no such tenant, or when the name is that of several.
    func tenants(_ reference: String?) throws(AdminError) -> [Tenant] {
        let all = plan.tenants.all
        guard let reference else { return all }
        return [try TenantReference(reference).find(in: all.map { ($0.id.text, $0.name, $0) })]
    }

    /// The room with this id, of any tenant or of one.
    func session(_ rid: String, tenant: String?) async throws -> (Tenant, StoredSession) {
        for tenant in try tenants(tenant) {
            if let session = try await worker.services.rooms.find(rid, tenant: tenant.id) { return (tenant, session) }
        }
        throw AdminError(
            .refused, "there is no session for room \(TextTable.printable(rid))",
            remedy: "customersctl session list shows those there are")
    }

    /// Agents' names by backend id; empty when neither Redis nor the chat server can say.
    func agentNames(of tenant: Tenant) async -> [String: String] {
        let agents = (try? await worker.services.agents.roster(of: tenant))?.agents ?? []
        return Dictionary(agents.map { ($0.id, $0.username) }) { first, _ in first }
    }
}
