import TestSupport
import Testing

/// A customer and an agent really talk, over the chat server's websocket, with what the gateway hands out.
@Suite("Conversation", .ownProcesses, .installation())
struct ConversationTests {
    private let bed: TestBed
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        chat = try bed.installation.chat
    }

    private func desk(of username: String) async throws -> DevChatSocket {
        try await DevChatSocket.connect(to: chat, token: try await chat.logIn(username).token)
    }

    @Test("customer and agent exchange messages in the room of client_connect, and both are in its history")
    func group() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started([("name", "小明")])
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let customer = try await DevChatSocket.connect(to: chat, token: token)
        let agent = try await desk(of: tenant.plan.agents[0].username)
        try await customer.subscribe(to: rid)
        try await agent.subscribe(to: rid)
        try await customer.say("你好，我的订单在哪里？", in: rid)
        let heard = try await agent.heard("你好，我的订单在哪里？", in: rid)
        #expect(heard["u"]["_id"] == session["id"])
        try await agent.say("Let me look that up.", in: rid)
        let answer = try await customer.heard("Let me look that up.", in: rid)
        #expect(answer["u"]["_id"] == session["agent_id"])
        let history = try success(try await tenant.history(rid, token: token))["messages"].array
        #expect(history.map { $0["msg"] } == ["Let me look that up.", "你好，我的订单在哪里？"])
    }

    @Test("customer and agent exchange messages in the direct room of connect")
    func direct() async throws {
        let tenant = try await bed.tenant()
        let answer = try await tenant.connected(someName())
        let (rid, token) = (answer["rid"].string ?? "", answer["token"].string ?? "")
        let customer = try await DevChatSocket.connect(to: chat, token: token)
        let agent = try await desk(of: tenant.plan.agents[0].username)
        try await customer.subscribe(to: rid)
        try await agent.subscribe(to: rid)
        try await customer.say("hello", in: rid)
        try await agent.heard("hello", in: rid)
        try await agent.say("hello to you", in: rid)
        try await customer.heard("hello to you", in: rid)
    }

    @Test("after a transfer the customer goes on in the same room with the new agent, and the old one is out")
    func transferred() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let customer = try await DevChatSocket.connect(to: chat, token: token)
        try await customer.subscribe(to: rid)
        try await customer.say("before the transfer", in: rid)
        let moved = try success(try await tenant.transfer(rid, token: token))
        var names: [HTTPTestJSON: String] = [:]
        for agent in tenant.plan.agents { names[.string(try await chat.logIn(agent.username).id)] = agent.username }
        let newAgent = try await desk(of: names[moved["agent_id"]] ?? "")
        try await newAgent.subscribe(to: rid)
        try await newAgent.say("I take over", in: rid)
        try await customer.heard("I take over", in: rid)
        let oldAgent = try await desk(of: names[session["agent_id"]] ?? "")
        await #expect(throws: HTTPTestError.self) { try await oldAgent.subscribe(to: rid) }
    }

    @Test("closing ends the customer's websocket, and the token opens no other")
    func closed() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let customer = try await DevChatSocket.connect(to: chat, token: token)
        #expect(try await tenant.shutdown(rid, token: token).status == 200)
        try await customer.waitForEnd()
        let chat = chat
        await #expect(throws: HTTPTestError.self) { try await DevChatSocket.connect(to: chat, token: token) }
    }

    @Test("a stranger's token does not open the room")
    func stranger() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let other = try await tenant.started()
        let socket = try await DevChatSocket.connect(to: chat, token: other["token"].string ?? "")
        await #expect(throws: HTTPTestError.self) { try await socket.subscribe(to: session["rid"].string ?? "") }
    }
}
