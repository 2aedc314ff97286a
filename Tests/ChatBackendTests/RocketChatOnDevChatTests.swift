import ChatBackend
import RocketChatBackend
import TestSupport
import Testing

@testable import DevChatServer

@Suite("The Rocket.Chat adapter before a server that misbehaves")
struct RocketChatOnDevChatTests {
    private static let order = NewCustomerAccount(
        username: "cust-1", name: "Customer 1", email: "cust-1@customers.invalid", password: "pw-Aa1!")

    @Test(
        "an account whose creation was answered badly is found",
        arguments: [
            Fault.Kind.createdBut400, .createdButTimeout, .truncate,
        ])
    func accountMadeWithoutAnswer(kind: Fault.Kind) async throws {
        let world = try await DevChatWorld()
        try await world.backend.health()
        world.arm("users.create", kind, milliseconds: 20)
        let account = try await world.backend.createCustomer(Self.order)
        #expect(try await world.backend.createCustomer(Self.order) == account)
    }

    @Test(
        "a group whose creation was answered badly is found with its members",
        arguments: [
            Fault.Kind.createdButTimeout, .truncate,
        ])
    func groupMadeWithoutAnswer(kind: Fault.Kind) async throws {
        let world = try await DevChatWorld()
        let account = try await world.backend.createCustomer(Self.order)
        world.arm("groups.create", kind, milliseconds: 20)
        let room = try await world.backend.openGroup(
            NewGroup(name: "case-1", topic: "t", members: ["cust-1", "agent.a"]))
        #expect(try await world.backend.members(ofGroup: room.id).contains(account.id))
    }

    @Test(
        "a creation that did not happen is not found",
        arguments: [
            (Fault.Kind.status, ChatBackendError.unavailable("status 500")), (.html, .unavailable("status 502")),
            (.reset, .unavailable("connection lost")), (.ratelimit, .rateLimited(retryAfter: 42)),
            (.malformed, .contract("users.create: status 200 without JSON")),
        ])
    func accountNotMade(kind: Fault.Kind, error: ChatBackendError) async throws {
        let world = try await DevChatWorld()
        try await world.backend.health()
        world.arm("users.create", kind, count: nil)
        let backend = world.backend
        let thrown = await #expect(throws: ChatBackendError.self) { try await backend.createCustomer(Self.order) }
        #expect(thrown == error)
    }

    @Test("a server that makes tokens but not for a user who never signed in", arguments: [VersionBand.seven, .eight])
    func neverSignedIn(band: VersionBand) async throws {
        let world = try await DevChatWorld(band: band) {
            $0.createTokenSecret = "s3cret"
        } configure: {
            $0.createTokenSecret = "s3cret"
        }
        let account = try await world.backend.createCustomer(Self.order)
        world.arm("users.createToken", .tokensUndefined)
        let token = try await world.backend.mintToken(for: account, password: Self.order.password)
        #expect(!token.isEmpty)
    }

    @Test("a service token that the server forgot is replaced without anybody noticing")
    func sessionLost() async throws {
        let world = try await DevChatWorld()
        try await world.backend.health()
        world.server.withWorld { world in
            if let id = world.user(named: "gateway")?.id { world.revokeAllTokens(of: id) }
        }
        try await world.backend.health()
    }

    @Test("members that the server dropped without a word are told apart from a success")
    func silentlyDropped() async throws {
        let world = try await DevChatWorld { $0.dropsUnknownNames = true }
        let account = try await world.backend.createCustomer(Self.order)
        let token = try await world.backend.mintToken(for: account, password: Self.order.password)
        let backend = world.backend
        let direct = await #expect(throws: ChatBackendError.self) {
            try await backend.openDirectRoom(
                customer: account, credential: CustomerCredential(userID: account.id, token: token),
                agent: AgentPresence(id: "x", username: "nobody", status: .online))
        }
        #expect(direct == .notFound)
        let group = await #expect(throws: ChatBackendError.self) {
            try await backend.openGroup(NewGroup(name: "case-1", topic: "t", members: ["cust-1", "nobody"]))
        }
        #expect(group == .notFound)
        // And it is not left lying about.
        #expect(try await backend.openGroup(NewGroup(name: "case-1", topic: "t", members: ["cust-1"])).isNew)
    }

    @Test("customers over their common rate limit still read their groups")
    func rateLimited() async throws {
        let world = try await DevChatWorld { $0.rateLimit = 10 }
        let account = try await world.backend.createCustomer(Self.order)
        let token = try await world.backend.mintToken(for: account, password: Self.order.password)
        let room = try await world.backend.openGroup(NewGroup(name: "case-1", topic: "t", members: ["cust-1"]))
        let query = HistoryQuery(
            rid: room.id, kind: .group, credential: CustomerCredential(userID: account.id, token: token))
        for _ in 0..<30 { _ = try await world.backend.history(query) }
    }

    @Test("uploads are removed with the room")
    func uploadsRemoved() async throws {
        let world = try await DevChatWorld()
        let account = try await world.backend.createCustomer(Self.order)
        let room = try await world.backend.openGroup(NewGroup(name: "case-1", topic: "t", members: ["cust-1"]))
        let stored = world.server.withWorld { chat in
            let upload = StoredUpload(
                id: "up", roomID: room.id, userID: account.id, name: "a.txt", type: "text/plain", bytes: [1],
                at: chat.now)
            chat.uploads[upload.id] = upload
            _ = chat.postUpload(upload, text: "", description: nil)
            return chat.uploads.count
        }
        #expect(stored == 1)
        try await world.backend.removeRoom(room.id, kind: .group)
        #expect(world.server.withWorld { $0.uploads.isEmpty })
    }
}
