import ChatBackend
import HTTPMessage
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Ids of the chat server")
struct ServerIdentifierTests {
    private static let none = [
        "", " ", "a b", "a\\r\\nX: y", "a\\u0000", "a\\u007f", "ü", "\\ud83d\\ude00",
        String(repeating: "L", count: 129),
    ]

    @Test("what Rocket.Chat makes is one, and a little more")
    func good() {
        let ids = [
            "BsNr28znDkG8aeo7W", "rocket.cat", "GENERAL", "652dc4dda2f73c7460e18df8", "a",
            "BsNr28znDkG8aeo7WX7xTTZNcsxmYfD7vS", String(repeating: "~", count: 128),
        ]
        for id in ids { #expect(JSONValue.string(id).identifier == id) }
        #expect(JSONValue.string("rocket.cat").loginToken == nil)
        #expect(JSONValue.string("9HqLlyZOugoStsXCUfD_0YdwnNnunAJF8V47U3QHXSq").loginToken != nil)
        #expect(JSONValue.int(7).identifier == nil && JSONValue.null.identifier == nil)
    }

    @Test("a room or an account whose id is none is not taken", arguments: none)
    func bad(id: String) async throws {
        let chat = try ScriptedRocketChat([
            "groups.create": { _, _ in .json(#"{"group":{"_id":"\#(id)","name":"g","usersCount":3},"success":true}"#) },
            "groups.info": { _, _ in .json(#"{"group":{"_id":"\#(id)","name":"g"},"success":true}"#) },
            "im.create": { _, _ in .json(#"{"room":{"_id":"\#(id)","rid":"\#(id)"},"success":true}"#) },
            "users.create": { _, _ in Answer.user(id: id) }, "users.info": { _, _ in Answer.user(id: id) },
            "users.createToken": { _, _ in Answer.error("unauthorized", status: 403) },
            "login": { _, _ in Answer.login(userID: id) },
        ])
        for call in Call.allCases {
            let error = await failure { () async throws(ChatBackendError) in try await make(call, chat.backend) }
            guard case .contract = error else {
                Issue.record("\(call): \(String(describing: error))")
                continue
            }
        }
    }

    private enum Call: CaseIterable { case openGroup, findGroup, openDirectRoom, createCustomer, mintToken }

    private func make(_ call: Call, _ backend: RocketChatBackend) async throws(ChatBackendError) {
        switch call {
        case .openGroup:
            _ = try await backend.openGroup(NewGroup(name: "g", topic: "t", members: ["cust-42", "agent.a"]))
        case .findGroup: _ = try await backend.findGroup(named: "g")
        case .openDirectRoom:
            _ = try await backend.openDirectRoom(customer: customer, credential: credential, agent: agent)
        case .createCustomer:
            _ = try await backend.createCustomer(
                NewCustomerAccount(username: "cust-42", name: "Customer 42", email: "c@d", password: "geheim"))
        case .mintToken: _ = try await backend.mintToken(for: customer, password: "geheim")
        }
    }
}
