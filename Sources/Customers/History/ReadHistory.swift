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
        let session = try await services.room(rid, of: caller) { state in
            guard state == .archived else { return state != .closing }
            if case .tenant = caller { return true }
            return false
        }.session
        var query = HistoryQuery(
            rid: rid, kind: session.kind, credential: nil, count: min(count, Self.maximumCount), position: position,
            includesSystemMessages: includesSystemMessages)
        async let touched: Void = touch(session)
        do {
            let page = try await services.inTurn(.other) { try await read(session, &query) }
            await touched
            return page
        } catch ChatBackendError.invalidCursor {
            let field = if case .after = position { "after" } else { "before" }
            throw CustomersError.invalid([field: "not a cursor of this API"])
        } catch ChatBackendError.notFound {
            // Closed since we looked, or removed at the chat server.
            if session.state.isOpen {
                await services.attempt("end the session of a room that is gone") {
                    try await GoneRoom(services: services).end(session)
                }
            }
            throw CustomersError.notFound
        }
    }

    /// When somebody last wrote in a room, in Unix milliseconds; nil when nobody ever did, or the room is gone.
    func newestMessage(of session: RoomSession) async throws -> Int64? {
        var query = HistoryQuery(rid: session.rid, kind: session.kind, credential: nil, count: 1)
        do {
            // The gateway's own account is a member of groups; nobody need be signed in for those.
            guard session.kind == .direct else { return try await services.chat.history(query).newest }
            return try await readAsCustomer(session.customer, &query).newest
        } catch ChatBackendError.notFound {
            return nil
        } catch CustomersError.notFound {
            return nil
        }
    }

    /// Whether the room is there for its customer, whatever the gateway's own account sees.
    func isThere(_ session: RoomSession) async throws -> Bool {
        var query = HistoryQuery(rid: session.rid, kind: session.kind, credential: nil, count: 1)
        do {
            _ = try await readAsCustomer(session.customer, &query)
            return true
        } catch ChatBackendError.notFound {
            return false
        } catch CustomersError.notFound {
            return false
        }
    }

    private func touch(_ session: RoomSession) async {
        guard session.state.isOpen else { return }
        await services.attempt("note that a room is in use") { try await services.rooms.touch(session, at: nil) }
    }

    private func read(_ session: RoomSession, _ query: inout HistoryQuery) async throws -> HistoryPage {
        // An archived group is read by the gateway's own account: its customer is signed out, and stays so.
        guard session.state != .archived || session.kind == .direct else {
            return try await services.chat.history(query)
        }
        return try await readAsCustomer(session.customer, &query)
    }

    private func readAsCustomer(_ customer: CustomerHash, _ query: inout HistoryQuery) async throws -> HistoryPage {
        guard let found = try await services.customers.find(customer, slot: nil, rid: nil) else {
            throw CustomersError.notFound
        }
        let signIn = CustomerSignIn(services: services)
        let signedIn = try await signIn.storedToken(for: found.record)
        query.credential = signedIn.credential
        do {
            return try await services.chat.history(query)
        } catch ChatBackendError.refused(code: ChatBackendError.deadToken) where !signedIn.isNew {
            // Logged out by the client, or too old: a new token takes its place.
            let renewed = try await signIn.newToken(for: signedIn.record)
            try await services.customers.save(renewed.record)
            query.credential = renewed.credential
            return try await services.chat.history(query)
        }
    }
}
