internal import Customers
internal import HTTPMessage

extension Tenant {
    /// The tenant of a configuration file; nil when an id is none, which loading the file has ruled out.
    init?(_ settings: TenantSettings) {
        guard let id = TenantID(settings.id) else { return nil }
        let departments = settings.departments.compactMap { Department($0, of: settings) }
        guard departments.count == settings.departments.count else { return nil }
        self.init(
            id: id, name: settings.name, secretKey: settings.secretKey.bytes,
            requiresTimestamp: settings.requiresTimestamp, identity: IdentityPolicy(settings),
            origins: Set(settings.origins), closePolicy: settings.close == .archive ? .archive : .delete,
            whenOffline: settings.whenOffline == .assign ? .assign : .queue,
            routing: RoutingPolicy(settings.routing), departments: departments,
            settings: ClientSettings(
                config: JSONValue.object(settings.config).serialized(), timeout: settings.timeout,
                template: settings.template), sessionTTL: settings.sessionTTL, queueTTL: settings.queueTTL,
            reassignAfter: settings.reassignAfter)
    }
}

extension RoutingPolicy {
    /// The policy of a configuration file.
    fileprivate init(_ setting: TenantSettings.Routing) {
        switch setting {
        case .random: self = .random
        case .leastBusy: self = .leastBusy
        case .sticky: self = .sticky
        }
    }
}

extension IdentityPolicy {
    /// The policy of a configuration file.
    fileprivate init(_ settings: TenantSettings) {
        let secret = settings.identitySecret.flatMap { $0.bytes.isEmpty ? nil : $0.bytes }
        self = settings.identity == .signed ? .signed(secret: secret ?? []) : .claimed(secret: secret)
    }
}

extension Department {
    /// A department of a configuration file: what it does not say, its tenant says.
    fileprivate init?(_ settings: DepartmentSettings, of tenant: TenantSettings) {
        guard let id = DepartmentID(settings.id) else { return nil }
        let config = tenant.config.merging(settings.config) { _, own in own }
        self.init(
            id: id, name: settings.name, isDefault: settings.isDefault,
            agents: settings.agents.map { Agent(username: $0.username, email: $0.email, capacity: $0.capacity) },
            settings: ClientSettings(
                config: JSONValue.object(config).serialized(), timeout: settings.timeout ?? tenant.timeout,
                template: settings.template ?? tenant.template))
    }
}
