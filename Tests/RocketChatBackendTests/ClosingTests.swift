import ChatBackend
import HTTPMessage
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Removing and archiving rooms")
struct ClosingTests {
    private static let notAllowed = Answer.error(
        "Not allowed [error-not-allowed]", "error-not-allowed", details: #"{"method":"eraseRoom"}"#)
    private static let invalidRoom = Answer.error("Invalid room [error-invalid-room]", "error-invalid-room")

    private func remove(_ chat: ScriptedRocketChat, _ kind: RoomKind = .group) async -> ChatBackendError? {
        await failure { () async throws(ChatBackendError) in try await chat.backend.removeRoom("r1", kind: kind) }
    }

    private func archive(_ chat: ScriptedRocketChat) async -> ChatBackendError? {
        await failure { () async throws(ChatBackendError) in try await chat.backend.archiveRoom("r1", kind: .group) }
    }

    private static func info(_ name: String = "case-42", archived: Bool = false) -> ScriptedHTTPAnswer {
        .json(#"{"group":{"_id":"r1","name":"\#(name)","t":"p","archived":\#(archived)},"success":true}"#)
    }

    @Test("uploads go first, then the room")
    func remove() async throws {
        let chat = try ScriptedRocketChat([
            "rooms.cleanHistory": { _, _ in .json(#"{"_id":"r1","count":2,"success":true}"#) },
            "rooms.delete": { _, _ in Answer.success },
        ])
        #expect(await remove(chat) == nil)
        #expect(chat.routes == ["rooms.cleanHistory", "rooms.delete"])
        let cleaning = try JSONValue(parsing: try #require(chat.server.requests.first).body)
        #expect(cleaning["filesOnly"] == true)
        #expect(cleaning["roomId"] == "r1")
        #expect(cleaning["inclusive"] == true)
    }

    @Test(
        "a room that is gone is no error",
        arguments: [
            invalidRoom, Answer.roomNotFound, Answer.error("[invalid-channel]", "invalid-channel"),
        ])
    func removedTwice(answer: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat([
            "rooms.cleanHistory": { _, _ in answer }, "rooms.delete": { _, _ in answer },
        ])
        #expect(await remove(chat) == nil)
    }

    @Test("where cleaning is refused, as in direct rooms, the room is deleted all the same")
    func cleaningRefused() async throws {
        let chat = try ScriptedRocketChat([
            "rooms.cleanHistory": { _, _ in
                Answer.error("User does not have access to the room [error-not-allowed]", "error-not-allowed")
            }, "rooms.delete": { _, _ in Answer.success },
        ])
        #expect(await remove(chat, .direct) == nil)
    }

    @Test(
        "a cleaning that got no answer is an error, and the room stays for another try",
        arguments: [Answer.gateway, Answer.limited, .reset])
    func cleaningFails(answer: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat(["rooms.cleanHistory": { _, _ in answer }])
        #expect(await remove(chat) != nil)
        #expect(chat.routes == ["rooms.cleanHistory"])
    }

    @Test(
        "without rooms.delete, the room's own kind is deleted",
        arguments: [
            (RoomKind.group, "groups.delete", notAllowed), (.direct, "im.delete", notAllowed),
            (.group, "groups.delete", Answer.error("no such route", status: 404)),
        ])
    func fallback(kind: RoomKind, route: String, refusal: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat([
            "rooms.cleanHistory": { _, _ in Self.notAllowed }, "rooms.delete": { _, _ in refusal },
            route: { _, _ in Answer.success },
        ])
        #expect(await remove(chat, kind) == nil)
        #expect(chat.routes.last == route)
        #expect(chat.server.requests.last?.text == #"{"roomId":"r1"}"#)
    }

    @Test("a delete that is refused both ways is refused, even when the second says that there is no room")
    func refused() async throws {
        let chat = try ScriptedRocketChat([
            "rooms.cleanHistory": { _, _ in Self.notAllowed }, "rooms.delete": { _, _ in Self.notAllowed },
            "groups.delete": { _, _ in Answer.roomNotFound },
        ])
        #expect(await remove(chat) == .refused(code: "error-not-allowed"))
    }

    @Test("archiving frees the name first")
    func archive() async throws {
        let chat = try ScriptedRocketChat([
            "groups.info": { _, _ in Self.info() }, "groups.rename": { _, _ in Self.info() },
            "groups.archive": { _, _ in Answer.success },
        ])
        #expect(await archive(chat) == nil)
        #expect(chat.routes == ["groups.info", "groups.rename", "groups.archive"])
        let name = try JSONValue(parsing: chat.server.requests[1].body)["name"]?.string
        #expect(name?.wholeMatch(of: /case-42-closed-[0-9a-f]{8}/) != nil)
    }

    @Test("archiving twice is no error", arguments: [true, false])
    func archivedTwice(isShown: Bool) async throws {
        let chat = try ScriptedRocketChat([
            "groups.info": { _, _ in Self.info(archived: isShown) },
            "groups.rename": { _, _ in
                Answer.error("The private group, case-42, is archived [error-room-archived]", "error-room-archived")
            },
        ])
        #expect(await archive(chat) == nil)
    }

    @Test("a group that was renamed but not archived keeps its name")
    func archivedHalf() async throws {
        let chat = try ScriptedRocketChat([
            "groups.info": { _, _ in Self.info("case-42-closed-0123abcd") },
            "groups.archive": { _, _ in Answer.success },
        ])
        #expect(await archive(chat) == nil)
        #expect(chat.routes == ["groups.info", "groups.archive"])
    }

    @Test(
        "a refused archive is refused",
        arguments: [
            (
                Answer.error("Not authorized [error-not-authorized]", "error-not-authorized"),
                ChatBackendError.refused(code: "error-not-authorized")
            ),
            (Answer.gateway, .unavailable("status 502")),
        ])
    func archiveRefused(answer: ScriptedHTTPAnswer, error: ChatBackendError) async throws {
        let chat = try ScriptedRocketChat([
            "groups.info": { _, _ in Self.info() }, "groups.rename": { _, _ in Self.info() },
            "groups.archive": { _, _ in answer },
        ])
        #expect(await archive(chat) == error)
    }

    @Test("a direct room is kept as it is")
    func archiveDirect() async throws {
        let chat = try ScriptedRocketChat([:])
        try await chat.backend.archiveRoom("r1", kind: .direct)
        #expect(chat.routes.isEmpty)
    }
}
