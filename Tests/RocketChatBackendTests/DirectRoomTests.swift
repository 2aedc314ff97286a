import ChatBackend
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Direct rooms")
struct DirectRoomTests {
    private static func room(_ usernames: String = #"["cust-42","agent.a"]"#, extra: String = "") -> ScriptedHTTPAnswer
    {
        .json(#"{"room":{"t":"d","rid":"rid-1","_id":"rid-1","usernames":\#(usernames)\#(extra)},"success":true}"#)
    }

    private func open(_ chat: ScriptedRocketChat) async -> Result<ChatRoom, ChatBackendError> {
        do throws(ChatBackendError) {
            return .success(
                try await chat.backend.openDirectRoom(customer: customer, credential: credential, agent: agent))
        } catch {
            return .failure(error)
        }
    }

    @Test("the service account opens the room for the two others")
    func byService() async throws {
        let chat = try ScriptedRocketChat(["im.create": { _, _ in Self.room() }])
        #expect(await open(chat) == .success(ChatRoom(id: "rid-1", isNew: false)))
        let request = try #require(chat.server.requests.first)
        #expect(request.text == #"{"excludeSelf":true,"usernames":"cust-42,agent.a"}"#)
        #expect(request.headers["x-auth-token"] == "svcToken")
    }

    @Test(
        "whether it is new is taken from what the server tells",
        arguments: [
            (#","inserted":true"#, true), (#","inserted":false,"msgs":0"#, false), (#","msgs":0"#, true),
            (#","msgs":3"#, false),
        ])
    func isNew(extra: String, isNew: Bool) async throws {
        let chat = try ScriptedRocketChat(["im.create": { _, _ in Self.room(extra: extra) }])
        #expect(await open(chat) == .success(ChatRoom(id: "rid-1", isNew: isNew)))
    }

    @Test(
        "the id alone is enough, under either key",
        arguments: [#"{"rid":"rid-1"}"#, #"{"_id":"rid-1","usernames":[]}"#])
    func bareReply(room: String) async throws {
        let chat = try ScriptedRocketChat(["im.create": { _, _ in .json(#"{"room":\#(room),"success":true}"#) }])
        #expect(await open(chat) == .success(ChatRoom(id: "rid-1", isNew: false)))
    }

    @Test(
        "where the service account may not, the customer opens it, for ten minutes without asking",
        arguments: [
            Answer.error("Not allowed [error-not-allowed]", "error-not-allowed"),
            Answer.error("Not allowed", "error-forbidden", status: 403),
        ])
    func byCustomer(refusal: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat([
            "im.create": { request, _ in request.headers["x-auth-token"] == "svcToken" ? refusal : Self.room() }
        ])
        #expect(await open(chat) == .success(ChatRoom(id: "rid-1", isNew: false)))
        #expect(chat.server.requests.last?.text == #"{"username":"agent.a"}"#)
        #expect(chat.server.requests.last?.headers["x-user-id"] == credential.userID)
        _ = await open(chat)
        #expect(chat.routes.count == 3)
        chat.turn(seconds: 601)
        _ = await open(chat)
        #expect(chat.routes.count == 5)
    }

    @Test("a room without the agent or the customer is no room", arguments: [#"["cust-42"]"#, #"["agent.a","svc"]"#])
    func memberLeftOut(usernames: String) async throws {
        let chat = try ScriptedRocketChat(["im.create": { _, _ in Self.room(usernames) }])
        #expect(await open(chat) == .failure(.notFound))
    }

    @Test("the agent's name is spelled as the server spells it, and compared without case")
    func spelling() async throws {
        let chat = try ScriptedRocketChat([
            "users.info": { _, _ in Answer.user("Agent.A", id: "agentId") },
            "users.presence": { _, _ in .json(#"{"users":[],"full":false}"#) },
            "im.create": { _, _ in Self.room(#"["cust-42","Agent.A"]"#) },
        ])
        let found = try await chat.backend.presence(ofAgents: ["agent.a"])
        #expect(found == [AgentPresence(id: "agentId", username: "agent.a", status: .offline)])
        #expect(await open(chat) == .success(ChatRoom(id: "rid-1", isNew: false)))
        #expect(chat.server.requests.last?.text.contains("cust-42,Agent.A") == true)
    }

    @Test(
        "failures are passed on",
        arguments: [
            (Answer.gateway, ChatBackendError.unavailable("status 502")),
            (Answer.limited, .rateLimited(retryAfter: 42)),
            (Answer.error("Invalid user [error-invalid-user]", "error-invalid-user"), .notFound),
            (.json(#"{"room":{},"success":true}"#), .contract("im.create: no room id")),
        ])
    func failures(answer: ScriptedHTTPAnswer, error: ChatBackendError) async throws {
        let chat = try ScriptedRocketChat(["im.create": { _, _ in answer }])
        #expect(await open(chat) == .failure(error))
        #expect(chat.routes.count == 1)
    }

    @Test("a customer's dead token is named, so that a new one is made")
    func deadToken() async throws {
        let chat = try ScriptedRocketChat([
            "im.create": { request, _ in
                request.headers["x-auth-token"] == "svcToken"
                    ? Answer.error("Not allowed [error-not-allowed]", "error-not-allowed") : Answer.unauthorized
            }
        ])
        #expect(await open(chat) == .failure(.refused(code: "token")))
    }
}
