/// Who asks for something to be done with a room: found from the `Authorization` field, never from what the request
/// says.
public enum Caller: Sendable, Hashable {
    /// The tenant's own server, with an access token: all rooms of the tenant.
    case tenant(TenantID)
    /// A customer, with a chat token: their own rooms. A token that was logged out is good for closing again only.
    case customer(CustomerHash, isLive: Bool)

    /// The tenant whose rooms are concerned.
    public var tenant: TenantID {
        switch self {
        case .tenant(let id): id
        case .customer(let customer, _): customer.tenant
        }
    }

    /// False for a customer whose token was logged out.
    var isLive: Bool {
        switch self {
        case .tenant: true
        case .customer(_, let isLive): isLive
        }
    }

    /// Whether the caller may act on a room of this customer.
    func mayUse(roomOf customer: CustomerHash) -> Bool {
        switch self {
        case .tenant(let id): id == customer.tenant
        case .customer(let own, _): own == customer
        }
    }
}

extension Services {
    /// The caller's room in one of these states.
    ///
    /// - Throws: ``CustomersError/notFound`` when it is absent, another tenant's or another customer's: all alike.
    func room(
        _ rid: String, of caller: Caller, where isFit: (RoomSession.State) -> Bool
    ) async throws -> StoredSession {
        guard let stored = try await rooms.find(rid, tenant: caller.tenant),
            caller.mayUse(roomOf: stored.session.customer), isFit(stored.session.state)
        else { throw CustomersError.notFound }
        return stored
    }
}
