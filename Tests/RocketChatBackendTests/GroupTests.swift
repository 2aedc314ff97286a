import ChatBackend
import HTTPMessage
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Groups")
struct GroupTests {
    private static let order = NewGroup(name: "case-42", topic: "部门_客户", members: ["cust-42", "agent.a"])
    private static let duplicate = Answer.error(
        "A channel with name 'case-42' exists [error-duplicate-channel-name]", "error-duplicate-channel-name",
        details: #"{"channel_name":"case-42"}"#)

    private static func group(users: Int? = 3, msgs: Int = 0, extra: String = "") -> ScriptedHTTPAnswer {
        let count = users.map { #""usersCount":\#($0),"# } ?? ""
        return .json(
            #"{"group":{"_id":"g1","name":"case-42","fname":"case-42","t":"p","#
                + #""msgs":\#(msgs),\#(count)"u":{"_id":"svcId","username":"svc"},"ro":false\#(extra)},"success":true}"#
        )
    }

    private static func members(_ names: [String], total: Int? = nil, offset: Int = 0) -> ScriptedHTTPAnswer {
        let list = names.map { #"{"_id":"id-\#($0)","username":"\#($0)","status":"online"}"# }
        return .json(
            #"{"members":[\#(list.joined(separator: ","))],"count":\#(names.count),"offset":\#(offset),"#
                + #""total":\#(total ?? names.count),"success":true}"#
        )
    }

    private func open(_ chat: ScriptedRocketChat) async -> Result<ChatRoom, ChatBackendError> {
        do throws(ChatBackendError) {
            return .success(try await chat.backend.openGroup(Self.order))
        } catch {
            return .failure(error)
        }
    }

    @Test("one call makes the group with its members and its topic")
    func created() async throws {
        let chat = try ScriptedRocketChat(["groups.create": { _, _ in Self.group() }])
        #expect(await open(chat) == .success(ChatRoom(id: "g1", isNew: true)))
        #expect(chat.routes == ["groups.create"])
        #expect(
            try JSONValue(parsing: try #require(chat.server.requests.first).body) == [
                "name": "case-42", "members": ["cust-42", "agent.a"], "readOnly": false,
                "extraData": ["topic": "部门_客户"],
            ])
    }

    @Test("members that the server left out are invited", arguments: [2, nil])
    func incomplete(count: Int?) async throws {
        let chat = try ScriptedRocketChat([
            "groups.create": { _, _ in Self.group(users: count) },
            "groups.members": { _, _ in Self.members(["svc", "Cust-42"]) },
            "groups.invite": { _, _ in Self.group() },
        ])
        #expect(await open(chat) == .success(ChatRoom(id: "g1", isNew: true)))
        #expect(chat.server.requests(for: "groups.invite").map(\.text) == [#"{"roomId":"g1","username":"agent.a"}"#])
    }

    @Test("a group that stays incomplete is removed again")
    func staysIncomplete() async throws {
        let chat = try ScriptedRocketChat([
            "groups.create": { _, _ in Self.group(users: 1) }, "groups.members": { _, _ in Self.members(["svc"]) },
            "groups.invite": { _, _ in Answer.error("x [error-invalid-user]", "error-invalid-user") },
            "groups.delete": { _, _ in Answer.success },
        ])
        #expect(await open(chat) == .failure(.notFound))
        #expect(chat.routes.last == "groups.delete")
    }

    @Test(
        "a server that knows no extraData gets the topic afterwards",
        arguments: [
            Answer.error("must NOT have additional properties [invalid-params]", "invalid-params"),
            Answer.error(#"Body param \"extraData\" must be an object if provided"#),
        ])
    func withoutExtraData(answer: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat([
            "groups.create": { _, number in number == 0 ? answer : Self.group() },
            "groups.setTopic": { _, _ in Answer.gateway },
        ])
        #expect(await open(chat) == .success(ChatRoom(id: "g1", isNew: true)))
        #expect(chat.routes == ["groups.create", "groups.create", "groups.setTopic"])
    }

    @Test("a group that has the name is taken as it is")
    func duplicateName() async throws {
        let chat = try ScriptedRocketChat([
            "groups.create": { _, _ in Self.duplicate }, "groups.info": { _, _ in Self.group(users: 1) },
        ])
        #expect(await open(chat) == .success(ChatRoom(id: "g1", isNew: false)))
        #expect(chat.routes == ["groups.create", "groups.info"])
        #expect(chat.server.requests.last?.parameter("roomName") == "case-42")
    }

    @Test(
        "a name that is taken by what is not ours is taken",
        arguments: [
            Answer.roomNotFound, group(extra: #","archived":true"#), Answer.error("no", status: 403),
        ])
    func foreignName(answer: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat([
            "groups.create": { _, _ in Self.duplicate }, "groups.info": { _, _ in answer },
        ])
        #expect(await open(chat) == .failure(.alreadyExists))
    }

    @Test("a name that an archived group holds is taken")
    func archivedName() async throws {
        let chat = try ScriptedRocketChat([
            "groups.create": { _, _ in
                Answer.error(
                    "There's an archived channel with name case-42 [error-archived-duplicate-name]",
                    "error-archived-duplicate-name")
            }
        ])
        #expect(await open(chat) == .failure(.alreadyExists))
    }

    @Test(
        "a creation without an answer is looked up by name, and its members are seen to",
        arguments: [
            ScriptedHTTPAnswer.silence, .reset, Answer.gateway,
        ])
    func ambiguous(answer: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat([
            "groups.create": { _, _ in answer }, "groups.info": { _, _ in Self.group(users: 2) },
            "groups.members": { _, _ in Self.members(["svc", "cust-42"]) }, "groups.invite": { _, _ in Self.group() },
        ]) { $0.deadline = .milliseconds(500) }
        #expect(await open(chat) == .success(ChatRoom(id: "g1", isNew: true)))
        #expect(chat.routes == ["groups.create", "groups.info", "groups.members", "groups.invite"])
    }

    @Test("a group with messages was there before: its members are left alone")
    func ambiguousOld() async throws {
        let chat = try ScriptedRocketChat([
            "groups.create": { _, _ in Answer.gateway }, "groups.info": { _, _ in Self.group(users: 1, msgs: 9) },
        ])
        #expect(await open(chat) == .success(ChatRoom(id: "g1", isNew: false)))
        #expect(chat.routes == ["groups.create", "groups.info"])
    }

    @Test("a creation that did not happen fails as it failed")
    func ambiguousNothing() async throws {
        let chat = try ScriptedRocketChat([
            "groups.create": { _, _ in Answer.gateway }, "groups.info": { _, _ in Answer.roomNotFound },
        ])
        #expect(await open(chat) == .failure(.unavailable("status 502")))
    }

    @Test(
        "a refusal is a refusal",
        arguments: [
            (
                Answer.error(
                    "Not allowed [error-not-allowed]", "error-not-allowed", details: #"{"method":"createPrivateGroup"}"#
                ), "error-not-allowed"
            ),
            (
                Answer.error("x is not a valid room name. [error-invalid-room-name]", "error-invalid-room-name"),
                "error-invalid-room-name"
            ),
            (Answer.error("Not allowed", "error-forbidden", status: 403), "error-forbidden"),
        ])
    func refused(answer: ScriptedHTTPAnswer, code: String) async throws {
        let chat = try ScriptedRocketChat(["groups.create": { _, _ in answer }])
        #expect(await open(chat) == .failure(.refused(code: code)))
    }

    @Test("members come from all pages")
    func members() async throws {
        let chat = try ScriptedRocketChat([
            "groups.members": { request, _ in
                let offset = Int(request.parameter("offset") ?? "") ?? 0
                return Self.members((offset..<min(offset + 100, 230)).map { "u\($0)" }, total: 230, offset: offset)
            }
        ])
        #expect(try await chat.backend.members(ofGroup: "g1") == (0..<230).map { "id-u\($0)" })
        #expect(chat.routes.count == 3)
    }

    @Test("a list of members that never ends does end")
    func endlessMembers() async throws {
        let chat = try ScriptedRocketChat(["groups.members": { _, _ in Self.members([], total: 5) }])
        #expect(try await chat.backend.members(ofGroup: "g1").isEmpty)
    }

    @Test("a member is added by id")
    func addMember() async throws {
        let chat = try ScriptedRocketChat(["groups.invite": { _, _ in Self.group() }])
        try await chat.backend.addMember("agentId", toGroup: "g1")
        #expect(chat.server.requests.first?.text == #"{"roomId":"g1","userId":"agentId"}"#)
    }

    @Test(
        "whoever is not in the group is removed already",
        arguments: [
            Answer.success, Answer.error("User is not in this room [error-user-not-in-room]", "error-user-not-in-room"),
            Answer.error("Invalid user [error-invalid-user]", "error-invalid-user"),
            Answer.error("[error-user-not-in-room]"),
        ])
    func removeMember(answer: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat(["groups.kick": { _, _ in answer }])
        try await chat.backend.removeMember("agentId", fromGroup: "g1")
        #expect(chat.server.requests.first?.text == #"{"roomId":"g1","userId":"agentId"}"#)
    }

    @Test(
        "other failures of adding and removing are told",
        arguments: [
            (Answer.roomNotFound, ChatBackendError.notFound),
            (
                Answer.error("You are the last owner. [error-you-are-last-owner]", "error-you-are-last-owner"),
                .refused(code: "error-you-are-last-owner")
            ),
            (Answer.error("Not allowed [error-not-allowed]", "error-not-allowed"), .refused(code: "error-not-allowed")),
            (Answer.gateway, .unavailable("status 502")),
        ])
    func memberFailures(answer: ScriptedHTTPAnswer, expected: ChatBackendError) async throws {
        let chat = try ScriptedRocketChat(["groups.kick": { _, _ in answer }, "groups.invite": { _, _ in answer }])
        let backend = chat.backend
        #expect(
            await failure { () async throws(ChatBackendError) in try await backend.removeMember("a", fromGroup: "g1") }
                == expected)
        #expect(
            await failure { () async throws(ChatBackendError) in try await backend.addMember("a", toGroup: "g1") }
                == expected)
    }

    @Test("renaming sets name and topic, and fails when either fails")
    func rename() async throws {
        let chat = try ScriptedRocketChat([
            "groups.rename": { _, _ in Self.group() },
            "groups.setTopic": { _, number in number == 0 ? .json(#"{"topic":"t","success":true}"#) : Answer.gateway },
        ])
        try await chat.backend.renameGroup("g1", name: "case-43", topic: "t")
        #expect(
            Set(chat.server.requests.map(\.text)) == [
                #"{"name":"case-43","roomId":"g1"}"#, #"{"roomId":"g1","topic":"t"}"#,
            ])
        let backend = chat.backend
        #expect(
            await failure { () async throws(ChatBackendError) in
                try await backend.renameGroup("g1", name: "case-43", topic: "t")
            }
                == .unavailable("status 502"))
    }
}
