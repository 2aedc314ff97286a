import Foundation
import TestSupport
import Testing

/// The answers that the contract shows: no key is renamed, dropped or retyped; we only add keys.
@Suite("Contract answers", .installation())
struct ContractAnswerTests {
    private let bed: TestBed
    init() throws { bed = try .current }

    /// The keys of the contract's example for `connect`, each with the type it has there.
    private static let connectExample = #"""
        {"base": "https://chat.esheeps.com", "config": {},
         "im": {"_id": "XetrKGqEZcNzxTRW8", "type": "user", "status": "offline", "active": true,
                "name": "suzhouxiaofangshuan", "utcOffset": 0,
                "username": "suzhouxiaofangshuan8009bf1c-5fea-4221-b19a-fd4278fcb06f"},
         "rid": "JR945hGSmuAuY6NnmXetrKGqEZcNzxTRW8", "token": "qoCA9uHhlkGrSBBXtiTIZAVIGQ2OaMNJ1zlYAQVlsRl"}
        """#

    /// The contract's example for `client_connect`; `Transfer` has the same keys.
    private static let sessionExample = #"""
        {"agent_id": "gMMDnqdZmHpeAjGXb", "base": "https://chat.esheeps.com", "config": {},
         "customer_name": "u1.1.1.1.2", "group_name": "depart1_u1.1.1.1.2_0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b",
         "id": "N27A8jFtniXt5qngz", "rid": "GrnBZAv7r2yixD7Wh", "status": "success", "template": "", "timeout": 200,
         "token": "KQkPB3YqsKA6toH4mpH-L1QsZmSbTdqrTKU27-gBE3Q",
         "user_id": "62908c52-036f-4a98-967e-dd08fde88050", "wait": 0}
        """#

    @Test("auth_ping answers a good token with the six bytes \"pong\"")
    func authPing() async throws {
        let token = try await bed.tenant().accessToken()
        let reply = try await bed.client.send(.get("/customers/auth_ping").with("Authorization", token))
        #expect(reply.status == 200)
        #expect(reply.body == Array(#""pong""#.utf8))
        #expect(reply.header("content-type") == "application/json")
    }

    @Test("connect answers with every key of the contract's example in its type, and the keys of ours")
    func connect() async throws {
        let tenant = try await bed.tenant()
        let answer = try await tenant.connected(someName())
        try expectShape(of: answer, like: Self.connectExample)
        #expect(
            answer.keys.subtracting(try HTTPTestJSON(parsing: Array(Self.connectExample.utf8)).keys)
                == ["state", "agent_id", "user_id", "wait", "wait_seconds", "timeout", "template"])
        #expect(answer["timeout"].int == 200)
        #expect(answer["wait"].int == 0)
        #expect(answer["state"] == "assigned")
    }

    @Test("client_connect answers with every key of the contract's example in its type, and the keys of ours")
    func clientConnect() async throws {
        let tenant = try await bed.tenant()
        let answer = try await tenant.started([("name", someName())])
        try expectShape(of: answer, like: Self.sessionExample)
        #expect(
            answer.keys.subtracting(try HTTPTestJSON(parsing: Array(Self.sessionExample.utf8)).keys)
                == ["state", "resumed", "wait_seconds"])
        #expect(answer["status"] == "success")
        #expect(answer["state"] == "assigned")
        #expect(answer["resumed"] == false)
    }

    @Test("Transfer answers with the keys of client_connect", .ownProcesses)
    func transfer() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        let session = try await tenant.started()
        let reply = try await tenant.transfer(session["rid"].string ?? "", token: session["token"].string ?? "")
        let answer = try success(reply)
        try expectShape(of: answer, like: Self.sessionExample)
        #expect(answer.keys == session.keys)
    }

    @Test("history_message answers with status, room_id, messages, has_more and next")
    func history() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let rid = session["rid"].string ?? ""
        let answer = try success(try await tenant.history(rid, token: session["token"].string ?? ""))
        #expect(answer.keys == ["status", "room_id", "messages", "has_more", "next"])
        #expect(answer["status"] == "success")
        #expect(answer["room_id"].string == rid)
        #expect(answer["messages"] == [])
        #expect(answer["has_more"] == false)
    }

    @Test("shutdown_service answers {\"status\":\"success\"} and nothing else")
    func shutdown() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let reply = try await tenant.shutdown(session["rid"].string ?? "", token: session["token"].string ?? "")
        #expect(reply.status == 200)
        #expect(reply.text == #"{"status":"success"}"#)
    }

    @Test("access_token answers with the token and its lifetime of 43,200 seconds")
    func accessToken() async throws {
        let tenant = try await bed.tenant()
        let answer = try success(
            try await bed.client.send(
                .get("/managers/access_token", [("apiKey", tenant.id), ("signature", tenant.signature(tenant.id))])))
        #expect(answer.keys == ["access_token", "time"])
        #expect(answer["time"].int == 43_200)
    }

    @Test("the keys of an answer are sorted")
    func sortedKeys() async throws {
        let tenant = try await bed.tenant()
        let text = try await tenant.clientConnect([("name", someName())]).text
        let keys = try HTTPTestJSON(parsing: Array(text.utf8)).keys.sorted()
        let places = keys.map { key in text.range(of: "\"\(key)\":")?.lowerBound }
        #expect(places.allSatisfy { $0 != nil })
        #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
    }

    @Test("base is scheme, host and port without a slash at the end", .ownProcesses)
    func base() async throws {
        let tenant = try await bed.tenant()
        #expect(try await tenant.started()["base"] == "https://chat.example.com")
        #expect(try await tenant.connected(someName())["base"] == "https://chat.example.com")
    }

    @Test("/customers/transfer is /customers/Transfer", .ownProcesses)
    func transferInLowerCase() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        let session = try await tenant.started()
        let reply = try await bed.client.send(
            .form("/customers/transfer", [("group_id", session["rid"].string ?? "")])
                .with("Authorization", session["token"].string))
        #expect(try success(reply)["rid"] == session["rid"])
        #expect(try reply.json["agent_id"] != session["agent_id"])
    }

    @Test("a trailing slash is accepted on every path")
    func trailingSlash() async throws {
        let tenant = try await bed.tenant()
        let token = try await tenant.accessToken()
        let ping = try await bed.client.send(.get("/customers/auth_ping/").with("Authorization", token))
        #expect(ping.text == #""pong""#)
        let issued = try await bed.client.send(
            .form("/managers/access_token/", [("apiKey", tenant.id), ("signature", tenant.signature(tenant.id))]))
        #expect(issued.status == 200)
        let connected = try await bed.client.send(
            .form("/customers/connect/", [("name", someName())]).with("Authorization", token))
        #expect(connected.status == 200)
    }

    @Test("a token may follow \"Bearer \"")
    func bearer() async throws {
        let tenant = try await bed.tenant()
        let token = try await tenant.accessToken()
        let ping = try await bed.client.send(.get("/customers/auth_ping").with("Authorization", "Bearer \(token)"))
        #expect(ping.text == #""pong""#)
        let session = try await tenant.started()
        let history = try await tenant.history(
            session["rid"].string ?? "", token: "Bearer \(session["token"].string ?? "")")
        #expect(history.status == 200)
    }

    @Test("fields that nobody knows are ignored")
    func unknownFields() async throws {
        let tenant = try await bed.tenant()
        let reply = try await tenant.clientConnect([("DEVICE_TYPE", "ios"), ("locale", "zh-CN"), ("api_kez", "1")])
        #expect(reply.status == 200)
    }

    @Test("an answer carries its request id, is not to be cached, and nothing of the chat server's headers")
    func headers() async throws {
        let tenant = try await bed.tenant()
        let reply = try await tenant.clientConnect()
        #expect(reply.header("x-request-id")?.isEmpty == false)
        #expect(reply.header("cache-control") == "no-store")
        let known: Set<String> = [
            "server", "date", "connection", "content-type", "content-length", "transfer-encoding", "cache-control",
            "x-content-type-options", "x-request-id", "vary",
        ]
        #expect(Set(reply.headers.map(\.name)).subtracting(known).isEmpty)
    }

    private func expectShape(
        of answer: HTTPTestJSON, like example: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let example = try HTTPTestJSON(parsing: Array(example.utf8))
        expectSameTypes(answer, example, "answer", sourceLocation)
    }

    private func expectSameTypes(
        _ value: HTTPTestJSON, _ example: HTTPTestJSON, _ path: String, _ sourceLocation: SourceLocation
    ) {
        let isSame =
            switch (value, example) {
            case (.string, .string), (.number, .number), (.bool, .bool), (.object, .object): true
            default: false
            }
        #expect(isSame, "\(path) is \(value), not of the type of \(example)", sourceLocation: sourceLocation)
        for key in example.keys.sorted() {
            #expect(value.keys.contains(key), "\(path) has no \(key)", sourceLocation: sourceLocation)
            expectSameTypes(value[key], example[key], "\(path).\(key)", sourceLocation)
        }
    }
}
