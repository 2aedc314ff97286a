public import ChatBackend
internal import HTTPMessage

// rooms.cleanHistory, rooms.delete, groups.delete, im.delete, groups.archive (contract sheet, sections 4, 5 and 7).
extension RocketChatBackend {
    /// `POST rooms.cleanHistory` for the uploads, then `POST rooms.delete`; where that is not allowed or does not
    /// exist, the delete of the room's own kind.
    ///
    /// The service account is in no direct room, so that the server lets it delete one but not clean it; its delete
    /// takes the uploads along.
    public func removeRoom(_ rid: String, kind: RoomKind) async throws(ChatBackendError) {
        if let failure = await outcome(cleaning(rid)), !failure.isAnswer {
            // Not a refusal, so it would leave uploads behind for no good reason: let the caller try again.
            throw failure.error
        }
        guard let failure = await outcome(.post("rooms.delete", ["roomId": .string(rid)])) else { return }
        if failure.error == .notFound { return }
        guard failure.isAnswer else { throw failure.error }
        let route = kind == .group ? "groups.delete" : "im.delete"
        if let second = await outcome(.post(route, ["roomId": .string(rid)])) {
            // "Not found" is no news here: that is also what somebody outside of the room is told.
            throw second.isAnswer ? failure.error : second.error
        }
    }

    private func cleaning(_ rid: String) -> RocketChatCall {
        .post(
            "rooms.cleanHistory",
            [
                "roomId": .string(rid), "oldest": "1970-01-01T00:00:00.000Z", "latest": "2999-12-31T23:59:59.999Z",
                "inclusive": true, "filesOnly": true,
            ])
    }

    /// `POST groups.rename`, so that the name is free again, then `POST groups.archive`. For a direct room there is
    /// nothing to do: neither of the two can be shut out of it, and it has no name.
    public func archiveRoom(_ rid: String, kind: RoomKind) async throws(ChatBackendError) {
        guard kind == .group else { return }
        do throws(RocketChatFailure) {
            let group = try await info([("roomId", rid)])
            guard !group.isArchived else { return }
            if !Self.isSetAside(group.name) {
                let name = "\(group.name)\(Self.mark)\(RandomSuffix.make())"
                _ = try await api.send(.post("groups.rename", ["roomId": .string(rid), "name": .string(name)]))
            }
            _ = try await api.send(.post("groups.archive", ["roomId": .string(rid)]))
        } catch {
            guard !error.says("error-room-archived") else { return }
            throw error.error
        }
    }

    private static let mark = "-closed-"

    /// Renamed by a call that came no further.
    private static func isSetAside(_ name: String) -> Bool {
        let suffix = name.suffix(mark.count + 8)
        return suffix.hasPrefix(mark) && suffix.dropFirst(mark.count).allSatisfy(\.isHexDigit)
    }
}
