public import ChatBackend
internal import Synchronization

/// Rooms, members and messages.
extension ScriptedChatBackend {
    /// See `ChatBackend.openDirectRoom(customer:credential:agent:)`.
    public func openDirectRoom(
        customer: ChatAccount, credential: CustomerCredential, agent: AgentPresence
    ) async throws(ChatBackendError) -> ChatRoom {
        let rid = "direct-\(agent.id)-\(customer.id)"
        return try await run(.openDirectRoom, rid, agent.id) { state in
            guard state.tokens[credential.token] == customer.id else { return .failure(.refused(code: "token")) }
            let isNew = state.rooms[rid] == nil
            if isNew { state.rooms[rid] = Room(kind: .direct, name: "", topic: "", members: [customer.id, agent.id]) }
            return .success(ChatRoom(id: rid, isNew: isNew))
        }
    }

    /// See `ChatBackend.openGroup(_:)`.
    public func openGroup(_ group: NewGroup) async throws(ChatBackendError) -> ChatRoom {
        try await run(.openGroup, group.name) { state in
            if let found = state.rooms.first(where: { $0.value.name == group.name && !$0.value.isArchived }) {
                return .success(ChatRoom(id: found.key, isNew: false))
            }
            let ids = group.members.compactMap { state.accounts[$0]?.account.id ?? state.agents[$0]?.id }
            let rid = state.makeID("group-")
            state.rooms[rid] = Room(kind: .group, name: group.name, topic: group.topic, members: Set(ids))
            return .success(ChatRoom(id: rid, isNew: true))
        }
    }

    /// See `ChatBackend.findGroup(named:)`.
    public func findGroup(named name: String) async throws(ChatBackendError) -> String? {
        try await run(.findGroup, name) { state in
            .success(state.rooms.first { $0.value.name == name && !$0.value.isArchived }?.key)
        }
    }

    /// See `ChatBackend.members(ofGroup:)`.
    public func members(ofGroup rid: String) async throws(ChatBackendError) -> [String] {
        try await run(.members, rid) { state in
            state.rooms[rid].map { .success($0.members.sorted()) } ?? .failure(.notFound)
        }
    }

    /// See `ChatBackend.addMember(_:toGroup:)`.
    public func addMember(_ userID: String, toGroup rid: String) async throws(ChatBackendError) {
        try await run(.addMember, rid, userID) { state -> Result<Void, ChatBackendError> in
            guard state.rooms[rid] != nil else { return .failure(.notFound) }
            state.rooms[rid]?.members.insert(userID)
            return .success(())
        }
    }

    /// See `ChatBackend.removeMember(_:fromGroup:)`.
    public func removeMember(_ userID: String, fromGroup rid: String) async throws(ChatBackendError) {
        try await run(.removeMember, rid, userID) { state -> Result<Void, ChatBackendError> in
            guard state.rooms[rid] != nil else { return .failure(.notFound) }
            state.rooms[rid]?.members.remove(userID)
            return .success(())
        }
    }

    /// See `ChatBackend.renameGroup(_:name:topic:)`.
    public func renameGroup(_ rid: String, name: String, topic: String) async throws(ChatBackendError) {
        try await run(.renameGroup, rid, name) { state -> Result<Void, ChatBackendError> in
            guard state.rooms[rid] != nil else { return .failure(.notFound) }
            guard !state.rooms.contains(where: { $0.key != rid && $0.value.name == name }) else {
                return .failure(.alreadyExists)
            }
            state.rooms[rid]?.name = name
            state.rooms[rid]?.topic = topic
            return .success(())
        }
    }

    /// See `ChatBackend.history(_:)`.
    public func history(_ query: HistoryQuery) async throws(ChatBackendError) -> HistoryPage {
        try await run(.history, query.rid, query.credential?.userID ?? "") { state in
            state.queries.append(query)
            guard let room = state.rooms[query.rid] else { return .failure(.notFound) }
            if let credential = query.credential {
                guard state.tokens[credential.token] == credential.userID else {
                    return .failure(.refused(code: ChatBackendError.deadToken))
                }
                guard room.members.contains(credential.userID) else { return .failure(.notFound) }
            }
            let none = HistoryPage(messages: [], hasMore: false, next: nil)
            return .success(state.pages.isEmpty ? none : state.pages.removeFirst())
        }
    }

    /// See `ChatBackend.removeRoom(_:kind:)`.
    public func removeRoom(_ rid: String, kind: RoomKind) async throws(ChatBackendError) {
        try await run(.removeRoom, rid, kind.rawValue) { state -> Result<Void, ChatBackendError> in
            state.rooms[rid] = nil
            return .success(())
        }
    }

    /// See `ChatBackend.archiveRoom(_:kind:)`.
    public func archiveRoom(_ rid: String, kind: RoomKind) async throws(ChatBackendError) {
        try await run(.archiveRoom, rid, kind.rawValue) { state -> Result<Void, ChatBackendError> in
            state.rooms[rid]?.isArchived = true
            return .success(())
        }
    }
}
