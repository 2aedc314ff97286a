public import ChatBackend
internal import HTTPMessage

// groups.members, groups.invite, groups.kick (contract sheet, section 5).
extension RocketChatBackend {
    /// `GET groups.members`, page by page.
    public func members(ofGroup rid: String) async throws(ChatBackendError) -> [String] {
        do throws(RocketChatFailure) {
            return try await allMembers(ofGroup: rid).compactMap { $0["_id"]?.identifier }
        } catch {
            throw error.error
        }
    }

    func allMembers(ofGroup rid: String) async throws(RocketChatFailure) -> [JSONValue] {
        var members: [JSONValue] = []
        // More pages than any group of ours has members.
        for _ in 0..<100 {
            let reply = try await api.send(
                .get("groups.members", [("roomId", rid), ("count", "100"), ("offset", "\(members.count)")]))
            guard let page = reply["members"]?.array else { throw .missing("members", in: "groups.members") }
            members += page
            if page.isEmpty || members.count >= (reply["total"]?.int ?? 0) { break }
        }
        return members
    }

    /// `POST groups.invite`; a present member is a success for the server too.
    public func addMember(_ userID: String, toGroup rid: String) async throws(ChatBackendError) {
        _ = try await asked(.post("groups.invite", ["roomId": .string(rid), "userId": .string(userID)]))
    }

    /// `POST groups.kick`.
    public func removeMember(_ userID: String, fromGroup rid: String) async throws(ChatBackendError) {
        guard
            let failure = await outcome(
                .post("groups.kick", ["roomId": .string(rid), "userId": .string(userID)]))
        else { return }
        // Whoever does not exist any more is in no group either.
        guard !failure.says("error-user-not-in-room", "error-invalid-user") else { return }
        throw failure.error
    }
}
