public import ChatBackend
internal import HTTPMessage

// im.create (contract sheet, section 4).
extension RocketChatBackend {
    /// `POST im.create` by the service account for the two others, or, where it may not, by the customer.
    ///
    /// The room's id is the server's answer and never computed. A server may silently leave out a name that nobody has:
    /// both must be in the room when the server says who is.
    public func openDirectRoom(
        customer: ChatAccount, credential: CustomerCredential, agent: AgentPresence
    ) async throws(ChatBackendError) -> ChatRoom {
        let agentName = agents.lastEntry(for: agent.username)?.username ?? agent.username
        let now = clock.uptime()
        var reply: JSONValue?
        if !memory.holds(.opensNoRoomsForOthers, at: now) {
            do throws(RocketChatFailure) {
                reply = try await api.send(
                    .post(
                        "im.create", ["usernames": .string("\(customer.username),\(agentName)"), "excludeSelf": true]))
            } catch {
                guard error.isRefusal, error.status != 401 else { throw error.error }
                if error.isMissingRight || error.isAboutParameters {
                    memory.remember(.opensNoRoomsForOthers, until: now + ServerMemory.tenMinutes)
                }
            }
        }
        if reply == nil {
            reply = try await asked(
                .post("im.create", ["username": .string(agentName)], as: .customer(credential)))
        }
        return try room(reply?["room"], with: [customer.username, agentName])
    }

    private func room(_ room: JSONValue?, with members: [String]) throws(ChatBackendError) -> ChatRoom {
        guard let room, let id = room["_id"]?.identifier ?? room["rid"]?.identifier else {
            throw .contract("im.create: no room id")
        }
        if let present = room["usernames"]?.array?.compactMap(\.string), !present.isEmpty {
            let lowered = Set(present.map { $0.lowercased() })
            for member in members where !lowered.contains(member.lowercased()) {
                agents.forget(member)
                throw .notFound
            }
        }
        // The server does not promise to tell whether it made the room; some versions do.
        let isNew = room["inserted"]?.bool ?? room["msgs"]?.int.map { $0 == 0 } ?? false
        return ChatRoom(id: id, isNew: isNew)
    }
}
