public import ChatBackend
internal import HTTPMessage

// groups.create, groups.info, groups.rename, groups.setTopic (contract sheet, section 5).
extension RocketChatBackend {
    /// `POST groups.create`; a group that has the name already is taken as it is, when the service account is in it.
    ///
    /// The server leaves out members whom it does not know without a word, so they are counted. When no answer comes,
    /// the name tells whether the group was made.
    public func openGroup(_ group: NewGroup) async throws(ChatBackendError) -> ChatRoom {
        let made: RocketChatGroup
        do throws(RocketChatFailure) {
            made = try await create(group)
        } catch {
            return try await recover(group, from: error)
        }
        do throws(ChatBackendError) {
            try await complete(made, group)
        } catch {
            // Made a moment ago, and no use to anybody: without it, the next attempt starts afresh.
            guard await outcome(.post("groups.delete", ["roomId": .string(made.id)])) != nil else { throw error }
            throw error.mayHaveRun ? error : .unavailable("a new group could be neither completed nor deleted")
        }
        return ChatRoom(id: made.id, isNew: true)
    }

    private func create(_ group: NewGroup) async throws(RocketChatFailure) -> RocketChatGroup {
        var body: [String: JSONValue] = [
            "name": .string(group.name), "members": .array(group.members.map(JSONValue.string)), "readOnly": false,
        ]
        let plain = RocketChatCall.post("groups.create", .object(body))
        body["extraData"] = ["topic": .string(group.topic)]
        let reply: JSONValue
        do throws(RocketChatFailure) {
            reply = try await api.send(.post("groups.create", .object(body)))
        } catch {
            guard error.isAboutParameters || (error.isAnswer && error.text.contains("extraData")) else { throw error }
            reply = try await api.send(plain)
            if let id = reply["group"]?["_id"]?.identifier {
                // The topic is for the agents' eyes; the group is good without.
                _ = try? await api.send(topicCall(id, group.topic))
            }
        }
        guard let made = RocketChatGroup(reply["group"]) else { throw .missing("group", in: "groups.create") }
        return made
    }

    private func recover(_ group: NewGroup, from failure: RocketChatFailure) async throws(ChatBackendError) -> ChatRoom
    {
        let isTaken = failure.says("error-duplicate-channel-name")
        guard isTaken || failure.isAmbiguous, failure.error != .cancelled else { throw failure.error }
        let found: RocketChatGroup
        do throws(RocketChatFailure) {
            found = try await info([("roomName", group.name)])
        } catch {
            if error.error == .cancelled { throw .cancelled }
            // A name that is taken by a room which is not ours, or a creation that did not happen.
            throw failure.error
        }
        guard !found.isArchived else { throw .alreadyExists }
        // Nobody has written yet: it is the group whose creation went unanswered, and its members may be missing.
        let isOurs = !isTaken && (found.messageCount ?? 0) == 0
        if isOurs { try await complete(found, group) }
        return ChatRoom(id: found.id, isNew: isOurs)
    }

    /// `GET groups.info`. An archived group's name is nobody's to take.
    public func findGroup(named name: String) async throws(ChatBackendError) -> String? {
        do throws(RocketChatFailure) {
            let found = try await info([("roomName", name)])
            return found.isArchived ? nil : found.id
        } catch {
            if error.error == .notFound { return nil }
            throw error.error
        }
    }

    /// Invites whom the server left out.
    private func complete(_ made: RocketChatGroup, _ group: NewGroup) async throws(ChatBackendError) {
        let wanted = Set(group.members.map { $0.lowercased() })
        if let count = made.usersCount, count > wanted.count { return }
        do throws(RocketChatFailure) {
            let present = Set(
                try await allMembers(ofGroup: made.id).compactMap { $0["username"]?.string?.lowercased() })
            for member in group.members where !present.contains(member.lowercased()) {
                _ = try await api.send(
                    .post("groups.invite", ["roomId": .string(made.id), "username": .string(member)]))
            }
        } catch {
            throw error.error
        }
    }

    /// `GET groups.info`, which also shows archived groups; not found when the service account is not in it.
    func info(_ reference: [(name: String, value: String)]) async throws(RocketChatFailure) -> RocketChatGroup {
        let reply = try await api.send(.get("groups.info", reference))
        guard let group = RocketChatGroup(reply["group"]) else { throw .missing("group", in: "groups.info") }
        return group
    }

    /// `POST groups.rename` and `POST groups.setTopic`, at the same time.
    public func renameGroup(_ rid: String, name: String, topic: String) async throws(ChatBackendError) {
        let rename = RocketChatCall.post("groups.rename", ["roomId": .string(rid), "name": .string(name)])
        async let renamed = outcome(rename)
        async let described = outcome(topicCall(rid, topic))
        let failures = await [renamed, described]
        for case let failure? in failures { throw failure.error }
    }

    private func topicCall(_ rid: String, _ topic: String) -> RocketChatCall {
        .post("groups.setTopic", ["roomId": .string(rid), "topic": .string(topic)])
    }

    /// How a call failed, if it did.
    func outcome(_ call: RocketChatCall) async -> RocketChatFailure? {
        do throws(RocketChatFailure) {
            _ = try await api.send(call)
            return nil
        } catch {
            return error
        }
    }
}
