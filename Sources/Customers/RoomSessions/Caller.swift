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

    /// The caller's open room of this id, or the one that followed a direct room which a transfer left: a client that
    /// did not hear of it means that one.
    ///
    /// - Throws: ``CustomersError/notFound``.
    func openRoom(_ rid: String, of caller: Caller) async throws -> RoomSession {
        let session = try await room(rid, of: caller) { $0.isOpen || $0 == .moved }.session
        guard session.state == .moved else { return session }
        guard let successor = try await successor(of: session), successor.state.isOpen else {
            throw CustomersError.notFound
        }
        return successor
    }

    /// The room that follows a direct room which a transfer left; nil for all other rooms.
    func successor(of session: RoomSession) async throws -> RoomSession? {
        guard session.state == .moved else { return nil }
        let found = try await customers.find(session.customer, slot: .direct, rid: nil)?.session?.session
        return found.flatMap { $0.previous.contains(session.rid) ? $0 : nil }
    }
}
