import ChatBackend
@testable import Customers
@testable import CustomersAPI
import HTTPMessage
import Testing
import TestSupport

@Suite("Endpoints")
struct EndpointTests {
    /// The contract's keys, in its own order of examples; sorted as we emit them.
    static let sessionKeys = [
        "agent_id", "base", "config", "customer_name", "group_name", "id", "rid", "status", "template", "timeout",
        "token",
        "user_id", "wait",
    ]

    @Test("auth_ping answers the JSON string pong, six bytes")
    func authPing() async throws {
        let fixture = try await APIFixture()
        let answer = await fixture.call("GET", "/customers/auth_ping", token: try await fixture.token())
        #expect(answer.status == 200)
        #expect(answer.body == Array(#""pong""#.utf8))
        #expect(answer[.contentType] == "application/json")
        #expect(answer[.cacheControl] == "no-store")
        #expect(answer[.contentTypeOptions] == "nosniff")
        #expect(answer[.requestID] == "req-1")
    }

    @Test("a Bearer prefix in any case is accepted, and nothing else before the token")
    func bearer() async throws {
        let fixture = try await APIFixture()
        let token = try await fixture.token()
        for text in ["Bearer \(token)", "bearer \(token)", "BEARER   \(token) ", token] {
            #expect(await fixture.call("GET", "/customers/auth_ping", token: text).status == 200, "\(text)")
        }
        for text in [
            "Basic \(token)", "Bearer", "Bearer ", "", " ", "Bearer x\(token)", "\(token),\(token)", "Token \(token)",
        ] {
            #expect(await fixture.call("GET", "/customers/auth_ping", token: text).status == 401, "\(text)")
        }
        #expect(await fixture.call("GET", "/customers/auth_ping").status == 401)
    }

    @Test("connect answers the contract's keys, typed as there, and what we add")
    func connect() async throws {
        let fixture = try await APIFixture()
        let answer = await fixture.call(
            "POST", "/customers/connect", ["name": "suzhouxiaofangshuan"], token: try await fixture.token())
        #expect(answer.status == 200)
        #expect(
            answer.keys == [
                "agent_id", "base", "config", "im", "rid", "state", "template", "timeout", "token", "user_id", "wait",
                "wait_seconds",
            ])
        let json = answer.json
        let im = try #require(json["im"])
        #expect(im.object?.keys.sorted() == ["_id", "active", "name", "status", "type", "username", "utcOffset"])
        #expect(im["username"] == "suzhouxiaofangshuan8009bf1c-5fea-4221-b19a-fd4278fcb06f")
        #expect(im["name"] == "suzhouxiaofangshuan")
        #expect(im["active"] == true)
        #expect(im["type"] == "user")
        #expect(im["status"] == "offline")
        #expect(im["utcOffset"] == 0)
        #expect(json["base"] == "https://chat.example.com")
        #expect(json["config"] == ["theme": "dark"])
        #expect(json["timeout"] == 200)
        #expect(json["template"] == "")
        #expect(json["wait"] == 0)
        #expect(json["state"] == "assigned")
        #expect(answer.text.hasPrefix(#"{"agent_id":"#))
    }

    @Test("connect wants an access token and a name")
    func connectRefused() async throws {
        let fixture = try await APIFixture()
        let token = try await fixture.token()
        let chatToken = try #require(await fixture.clientConnect().json["token"]?.string)
        for bad in [nil, chatToken, "nonsense", token + "x"] {
            let answer = await fixture.call("POST", "/customers/connect", ["name": "bob"], token: bad)
            #expect(answer.status == 401)
            #expect(answer.json == ["code": "unauthorized", "request_id": "req-1", "status": "unauthorized"])
        }
        for (fields, reason) in [
            ([:], "missing"), (["name": ""], "missing"), (["name": "a\u{202e}b"], IdentityClaim.nameRule),
        ] as [([String: String], String)] {
            let answer = await fixture.call("POST", "/customers/connect", fields, token: token)
            #expect(answer.status == 400)
            #expect(answer.json["status"] == "params invalid")
            #expect(answer.json["errors"] == ["name": .string(reason)])
        }
    }

    @Test("client_connect answers the contract's keys, typed as there, and what we add")
    func clientConnect() async throws {
        let fixture = try await APIFixture()
        let answer = await fixture.clientConnect("王伟")
        #expect(answer.status == 200)
        #expect(answer.keys == (Self.sessionKeys + ["resumed", "state", "wait_seconds"]).sorted())
        let json = answer.json
        #expect(json["agent_id"] == "agent-anna")
        #expect(json["customer_name"] == "王伟")
        #expect(json["group_name"] == "depart1_王伟_0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b")
        #expect(json["status"] == "success")
        #expect(json["timeout"] == 90)
        #expect(json["wait"] == 0)
        #expect(json["config"] == [:])
        #expect(json["resumed"] == false)
        #expect(json["state"] == "assigned")
        #expect(await fixture.clientConnect("王伟").json["resumed"] == true)
    }

    @Test("client_connect's api_key: missing or malformed 400, unknown 401, any spelling 200")
    func apiKey() async throws {
        let fixture = try await APIFixture()
        func ask(_ key: String?) async -> HTTPResponse {
            await fixture.call("POST", "/customers/client_connect", key.map { ["api_key": $0] } ?? [:])
        }
        #expect(await ask(nil).json["errors"] == ["api_key": "missing"])
        #expect(await ask("").status == 400)
        #expect(await ask("nonsense").json["errors"] == ["api_key": "not a UUID"])
        #expect(await ask("22222222-2222-4222-8222-222222222222").status == 401)
        #expect(await ask("8009BF1C5FEA4221B19AFD4278FCB06F").status == 200)
        #expect(fixture.chat.usernames.count == 1)
    }

    @Test("client_connect's department: empty is none, malformed 400, unknown 404, zero is everybody")
    func department() async throws {
        let fixture = try await APIFixture()
        func ask(_ id: String) async -> HTTPResponse { await fixture.clientConnect(nil, ["department_id": id]) }
        #expect(await ask("").json["group_name"]?.string?.hasPrefix("depart1_") == true)
        #expect(await ask("7").json["errors"] == ["department_id": "not a UUID"])
        #expect(await ask("22222222-2222-4222-8222-222222222222").status == 404)
        #expect(await ask(APIFixture.support).json["group_name"]?.string?.hasPrefix("部门_") == true)
        let zero = await ask("00000000000000000000000000000000")
        #expect(zero.json["group_name"]?.string?.hasPrefix("Acme_") == true)
        #expect(zero.json["group_name"]?.string?.hasSuffix("_00000000-0000-0000-0000-000000000000") == true)
    }

    @Test("a body is read in all three encodings, and JSON as the mobile clients post it")
    func encodings() async throws {
        let fixture = try await APIFixture()
        let form = "api_key=\(APIFixture.acme)&name=%E7%8E%8B+%E4%BC%9F&department_id=\(APIFixture.sales)"
        let json =
            #"{"name":"王 伟","api_key":"\#(APIFixture.acme)","department_id":"\#(APIFixture.sales)","DEVICE_TYPE":"ios","locale":{"a":[1]},"group_id":null}"#
        let multipart =
            ["api_key": APIFixture.acme, "name": "王 伟", "department_id": APIFixture.sales].map {
                "--b\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n"
            }.joined() + "--b--\r\n"
        var rooms: Set<String> = []
        for (type, body) in [
            ("application/x-www-form-urlencoded", form), (nil, form), ("application/json", json),
            ("application/json; charset=utf-8", json), ("multipart/form-data; boundary=b", multipart),
        ] {
            let answer = await fixture.post("/customers/client_connect", type: type, body: body)
            #expect(answer.status == 200, "\(type ?? "none")")
            #expect(answer.json["customer_name"] == "王 伟")
            rooms.insert(answer.json["rid"]?.string ?? "")
        }
        #expect(rooms.count == 1)
    }

    @Test("a body that cannot be read is 400, one of another type 415")
    func badBodies() async throws {
        let fixture = try await APIFixture()
        for (type, body, status) in [
            ("application/json", "{", 400), ("application/json", "{} {}", 400), ("application/json", "[]", 400),
            ("application/json", #"{"api_key":{}}"#, 400), ("application/x-www-form-urlencoded", "api_key=%ff", 400),
            ("application/x-www-form-urlencoded", "api_key=%zz", 400),
            ("multipart/form-data; boundary=b", "--b\r\n", 400),
            ("multipart/form-data", "--b--", 415), ("text/plain", "x", 415), ("application/xml", "<a/>", 415),
            ("application/json; charset=latin1", "{}", 415),
        ] {
            let answer = await fixture.post("/customers/client_connect", type: type, body: body)
            #expect(answer.status == status, "\(type) \(body)")
            #expect(answer.json["status"] == (status == 400 ? "params invalid" : "unsupported media type"))
            if status == 400 { #expect(answer.json["errors"]?.object?.isEmpty == false) }
        }
    }

    @Test("history answers messages as they are, and a cursor while there are more")
    func history() async throws {
        let fixture = try await APIFixture()
        let room = await fixture.clientConnect("bob").json
        let (rid, token) = (try #require(room["rid"]?.string), try #require(room["token"]?.string))
        let message = #"{"_id":"m","msg":"你好 \"x\"","u":{"_id":"a"},"zzz":1.50}"#
        fixture.chat.answerHistory(
            HistoryPage(messages: [Array(message.utf8)], hasMore: true, next: "c1"),
            HistoryPage(messages: [], hasMore: false, next: "c2"), HistoryPage(messages: [], hasMore: false, next: nil))
        let first = await fixture.call(
            "GET", "/customers/history_message", ["room_id": rid, "count": "1"], token: token)
        #expect(first.status == 200)
        #expect(
            first.text
                == #"{"has_more":true,"messages":[\#(message)],"next":"c1","room_id":"\#(rid)","status":"success"}"#)
        let last = await fixture.call(
            "GET", "/customers/history_message", ["room_id": rid, "before": "c1", "system": "1"], token: token)
        #expect(last.json["next"] == .null)
        #expect(last.json["messages"] == [])
        let newer = await fixture.call(
            "GET", "/customers/history_message", ["room_id": rid, "after": "c9"], token: token)
        #expect(newer.json["next"] == "c9")
        #expect(fixture.chat.queries.map(\.position) == [.latest, .before("c1"), .after("c9")])
        #expect(fixture.chat.queries.map(\.count) == [1, 20, 20])
        #expect(fixture.chat.queries.map(\.includesSystemMessages) == [false, true, false])
    }

    @Test("history reads a form in the body of a GET, and the room id in any spelling")
    func historyForm() async throws {
        let fixture = try await APIFixture()
        let room = await fixture.clientConnect("bob").json
        let (rid, token) = (try #require(room["rid"]?.string), try #require(room["token"]?.string))
        for name in ["room_id", "group_id", "rid"] {
            let request = HTTPRequest(
                method: "GET", path: "/customers/history_message",
                headers: ["authorization": token, "content-type": "application/x-www-form-urlencoded"],
                body: Array("\(name)=\(rid)".utf8))
            #expect(await fixture.routes.answer(request).status == 200, "\(name)")
        }
    }

    @Test("history's parameters have their rules")
    func historyRules() async throws {
        let fixture = try await APIFixture()
        let room = await fixture.clientConnect("bob").json
        let (rid, token) = (try #require(room["rid"]?.string), try #require(room["token"]?.string))
        func ask(_ fields: [String: String]) async -> HTTPResponse {
            await fixture.call(
                "GET", "/customers/history_message", fields.merging(["room_id": rid]) { given, _ in given },
                token: token)
        }
        for count in ["0", "-1", "x", "1.5", " 1", "+1", "1e2", "١"] {
            #expect(await ask(["count": count]).json["errors"]?.object?.keys.sorted() == ["count"], "\(count)")
        }
        for count in ["101", "99999999999999999999999"] {
            #expect(await ask(["count": count]).status == 200, "\(count)")
        }
        #expect(fixture.chat.queries.map(\.count) == [100, 100])
        #expect(await ask(["before": "a", "after": "b"]).json["errors"]?["after"] != nil)
        #expect(await ask(["room_id": ""]).json["errors"] == ["room_id": "missing"])
        fixture.chat.fail(.history, .invalidCursor)
        #expect(await ask(["before": "a"]).json["errors"]?["before"] != nil)
    }

    @Test("shutdown_service answers success, twice, with the token that it logged out")
    func shutdown() async throws {
        let fixture = try await APIFixture()
        let room = await fixture.clientConnect("bob").json
        let (rid, token) = (try #require(room["rid"]?.string), try #require(room["token"]?.string))
        for _ in 0..<2 {
            let answer = await fixture.call("POST", "/customers/shutdown_service", ["group_id": rid], token: token)
            #expect(answer.status == 200)
            #expect(answer.text == #"{"status":"success"}"#)
        }
        // For nothing else is the token good any more.
        #expect(await fixture.call("GET", "/customers/history_message", ["room_id": rid], token: token).status == 401)
        #expect(await fixture.call("POST", "/customers/Transfer", ["group_id": rid], token: token).status == 401)
        #expect(
            await fixture.call("POST", "/customers/shutdown_service", ["group_id": "other"], token: token).status == 404
        )
        #expect(
            await fixture.call("POST", "/customers/shutdown_service", [:], token: token).json["errors"] == [
                "group_id": "missing"
            ])
    }

    @Test(
        "Transfer answers client_connect's keys, under both spellings of its path",
        arguments: ["/customers/Transfer", "/customers/transfer"])
    func transfer(_ path: String) async throws {
        let fixture = try await APIFixture()
        let room = await fixture.clientConnect("bob").json
        let (rid, token) = (try #require(room["rid"]?.string), try #require(room["token"]?.string))
        func ask(_ fields: [String: String]) async -> HTTPResponse {
            await fixture.call("POST", path, fields.merging(["group_id": rid]) { given, _ in given }, token: token)
        }
        let first = await ask(["department_id": APIFixture.support, "agent_id": "agent-ben"])
        #expect(first.status == 200)
        #expect(first.keys == (Self.sessionKeys + ["resumed", "state", "wait_seconds"]).sorted())
        #expect(first.json["agent_id"] == "agent-ben")
        #expect(first.json["rid"] == .string(rid))
        #expect(first.json["group_name"] == .string("部门_bob_\(APIFixture.support)"))
        #expect(await ask([:]).json["agent_id"] == "agent-cleo")
        #expect(
            await ask(["agent_id": "agent-anna", "department_id": APIFixture.support]).json["errors"]?["agent_id"]
                != nil)
        #expect(await ask(["agent_id": "agent-nobody"]).status == 404)
        #expect(await ask(["department_id": "22222222-2222-4222-8222-222222222222"]).status == 404)
        #expect(await ask(["department_id": "x"]).status == 400)
        #expect(await ask(["department_id": APIFixture.sales]).json["agent_id"] == "agent-anna")
        let conflict = await ask([:])
        #expect(conflict.status == 409)
        #expect(conflict.json["code"] == "conflict")
    }

    @Test("another's room and no room are the same 404, byte for byte")
    func noOracle() async throws {
        let fixture = try await APIFixture()
        let bob = try #require(await fixture.clientConnect("bob").json["rid"]?.string)
        let eve = try #require(await fixture.clientConnect("eve").json["token"]?.string)
        let other = try await fixture.token(APIFixture.other)
        for (method, path, name) in [
            ("GET", "/customers/history_message", "room_id"), ("POST", "/customers/shutdown_service", "group_id"),
            ("POST", "/customers/Transfer", "group_id"),
        ] {
            var answers: [HTTPResponse] = []
            for token in [eve, other] {
                for rid in [bob, "absent", "../" + bob, bob + "\u{0}", String(repeating: "x", count: 9_999)]
                where !rid.contains("\u{0}") {
                    answers.append(await fixture.call(method, path, [name: rid], token: token))
                }
            }
            #expect(answers.allSatisfy { $0.status == 404 })
            #expect(Set(answers.map(\.text)).count == 1)
        }
        #expect(fixture.chat.rooms[bob] != nil)
    }

    @Test("numbers are written as short as they go")
    func numbers() {
        #expect(JSONValue.number(8).description == "8")
        #expect(JSONValue.number(5.5).description == "5.5")
        #expect(JSONValue.number(-3.5).description == "-3.5")
        #expect(JSONValue.number(0).description == "0")
    }
}
