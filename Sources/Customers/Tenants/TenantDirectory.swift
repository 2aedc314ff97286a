internal import Synchronization

/// All tenants. A reload replaces them at once; a request keeps the tenant that it began with.
public final class TenantDirectory: Sendable {
    private let snapshot: Mutex<[TenantID: Tenant]>

    /// Starts with these tenants.
    public init(_ tenants: [Tenant] = []) {
        snapshot = Mutex(Self.byID(tenants))
    }

    /// Replaces all tenants.
    public func replace(with tenants: [Tenant]) {
        let tenants = Self.byID(tenants)
        snapshot.withLock { $0 = tenants }
    }

    /// The tenant with this id.
    public subscript(id: TenantID) -> Tenant? {
        snapshot.withLock { $0[id] }
    }

    /// Whether there is a tenant with this id.
    public func contains(_ id: TenantID) -> Bool {
        snapshot.withLock { $0.keys.contains(id) }
    }

    /// All tenants in the order of their ids.
    public var all: [Tenant] {
        snapshot.withLock { Array($0.values) }.sorted { $0.id.text < $1.id.text }
    }

    /// Whether some tenant's pages may come from this origin.
    public func allows(origin: String) -> Bool {
        snapshot.withLock { $0.values.contains { $0.origins.contains(origin) } }
    }

    private static func byID(_ tenants: [Tenant]) -> [TenantID: Tenant] {
        Dictionary(tenants.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
