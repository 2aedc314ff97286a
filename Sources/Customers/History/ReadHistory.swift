public import ChatBackend

/// `history_message`: a page of a room's messages for its customer, or for the tenant.
public struct ReadHistory: Sendable {
    private let services: Services

    /// Makes the operation.
    public init(_ services: Services) { self.services = services }

    /// The most messages a page has; more is taken as this many.
    public static let maximumCount = 100

    /// Runs it. The room is read in the customer's own name, so a mistake here cannot open another one's.
    ///
    /// - Throws: ``CustomersError/notFound``, ``CustomersError/invalid(_:)`` for a cursor that is none, `StoreError`,
    ///   `ChatBackendError`.
    public func callAsFunction(
        caller: Caller, rid: String, count: Int, position: HistoryQuery.Position, includesSystemMessages: Bool
    ) async throws -> HistoryPage {
        let query = HistoryQuery(
            rid: rid, kind: .group, credential: nil, count: min(count, Self.maximumCount), position: position,
            includesSystemMessages: includesSystemMessages)
        do {
            return try await read(query, for: caller)
        } catch ChatBackendError.invalidCursor {
            let field = if case .after = position { "after" } else { "before" }
            throw CustomersError.invalid([field: "not a cursor of this API"])
        }
    }

    /// When somebody last wrote in a room, in Unix milliseconds; nil when nobody ever did, or the room is gone.
    func newestMessage(of session: RoomSession) async throws -> Int64? {
        let query = HistoryQuery(rid: session.rid, kind: session.kind, credential: nil, count: 1)
        do {
            // The gateway's own account is a member of groups; nobody need be signed in for those.
            guard session.kind == .direct else { return try await services.chat.history(query).newest }
            return try await readAsCustomer(session.customer, query).newest
        } catch ChatBackendError.notFound {
            return nil
        } catch CustomersError.notFound {
            return nil
        }
    }

    /// Whether the room is there for its customer, whatever the gateway's own account sees.
    func isThere(_ session: RoomSession) async throws -> Bool {
        let query = HistoryQuery(rid: session.rid, kind: session.kind, credential: nil, count: 1)
        do {
            _ = try await readAsCustomer(session.customer, query)
            return true
        } catch ChatBackendError.notFound {
            return false
        } catch CustomersError.notFound {
            return false
        }
    }

    /// Reads the caller's room, whatever its kind.
    private func read(_ query: HistoryQuery, for caller: Caller) async throws -> HistoryPage {
        guard let own = try await ownRoom(query.rid, of: caller) else { return try await readOther(query, for: caller) }
        do {
            return try await services.inTurn(.other) { try await read(query.about(own.session.kind), as: own.record) }
        } catch ChatBackendError.notFound {
            throw await gone(own.session)
        }
    }

    // Not inlined, as the others that say so: an async function has room for all that it may need while it waits for
    // the chat server, and thousands do.
    @inline(never)
    private func readOther(_ query: HistoryQuery, for caller: Caller) async throws -> HistoryPage {
        let session = try await services.room(query.rid, of: caller) { Self.isReadable($0, by: caller) }.session
        do {
            return try await readAndTouch(session, query.about(session.kind))
        } catch ChatBackendError.notFound {
            throw await gone(session)
        }
    }

    /// A customer's open room and its customer, found in one look, which also notes that the room is in use; nil for
    /// all other rooms and callers.
    @inline(never)
    private func ownRoom(_ rid: String, of caller: Caller) async throws -> OwnRoom? {
        guard case .customer(let own, _) = caller,
            let found = try await services.customers.find(own, slot: nil, rid: rid), let stored = found.session
        else { return nil }
        return OwnRoom(session: stored.session, record: found.record)
    }

    /// A class, so that those who wait keep a reference and not two large values.
    private final class OwnRoom: Sendable {
        let session: RoomSession
        let record: CustomerRecord

        init(session: RoomSession, record: CustomerRecord) {
            self.session = session
            self.record = record
        }
    }

    private func readAndTouch(_ session: RoomSession, _ query: HistoryQuery) async throws -> HistoryPage {
        async let touched: Void = touch(session)
        let page = try await services.inTurn(.other) { try await read(session, query) }
        await touched
        return page
    }

    /// Closed since we looked, or removed at the chat server.
    private func gone(_ session: RoomSession) async -> CustomersError {
        if session.state.isOpen {
            await services.attempt("end the session of a room that is gone") {
                try await GoneRoom(services: services).end(session)
            }
        }
        return .notFound
    }

    private static func isReadable(_ state: RoomSession.State, by caller: Caller) -> Bool {
        guard state == .archived else { return state != .closing }
        if case .tenant = caller { return true }
        return false
    }

    private func touch(_ session: RoomSession) async {
        guard session.state.isOpen else { return }
        await services.attempt("note that a room is in use") { try await services.rooms.touch(session, at: nil) }
    }

    private func read(_ session: RoomSession, _ query: HistoryQuery) async throws -> HistoryPage {
        // An archived group is read by the gateway's own account: its customer is signed out, and stays so.
        guard session.state != .archived || session.kind == .direct else {
            return try await services.chat.history(query)
        }
        return try await readAsCustomer(session.customer, query)
    }

    private func readAsCustomer(_ customer: CustomerHash, _ query: HistoryQuery) async throws -> HistoryPage {
        guard let found = try await services.customers.find(customer, slot: nil, rid: nil) else {
            throw CustomersError.notFound
        }
        return try await read(query, as: found.record)
    }

    private func read(_ query: HistoryQuery, as customer: CustomerRecord) async throws -> HistoryPage {
        let signedIn = try await CustomerSignIn(services: services).storedToken(for: customer)
        do {
            return try await services.chat.history(query.inName(of: signedIn.credential))
        } catch ChatBackendError.refused(code: ChatBackendError.deadToken) where !signedIn.isNew {
            return try await readAgain(query, as: signedIn.record)
        }
    }

    /// Logged out by the client, or too old: a new token takes the place of the customer's.
    @inline(never)
    private func readAgain(_ query: HistoryQuery, as customer: CustomerRecord) async throws -> HistoryPage {
        let signIn = CustomerSignIn(services: services)
        let renewed = try await signIn.newToken(for: customer)
        try await signIn.store(renewed)
        return try await services.chat.history(query.inName(of: renewed.credential))
    }
}

extension HistoryQuery {
    /// The same, about a room of this kind.
    fileprivate func about(_ kind: RoomKind) -> HistoryQuery {
        var query = self
        query.kind = kind
        return query
    }

    /// The same, in a customer's own name.
    fileprivate func inName(of credential: CustomerCredential) -> HistoryQuery {
        var query = self
        query.credential = credential
        return query
    }
}
