@testable import CustomersAPI
import HTTPMessage
import Testing
import TestSupport

@Suite("Cross-origin calls")
struct CrossOriginCallTests {
    @Test("a tenant's own page may call, and reads the answer")
    func allowed() async throws {
        let fixture = try await APIFixture()
        let answer = await fixture.call(
            "POST", "/customers/client_connect", ["api_key": APIFixture.acme], origin: APIFixture.shop)
        #expect(answer.status == 200)
        #expect(answer[.accessControlAllowOrigin] == APIFixture.shop)
        #expect(answer[.vary] == "Origin")
        #expect(answer[.accessControlExposeHeaders] == "Idempotency-Replayed, Retry-After, X-Request-Id")
        #expect(answer.headers.count { $0.name == .accessControlAllowOrigin } == 1)
    }

    @Test(
        "any other page is refused, without effect and without permission to read",
        arguments: [
            "https://evil.example.com", "https://other.example.com", "null", "", "http://shop.example.com",
            "https://shop.example.com:8443",
            "https://shop.example.com.evil.com", "https://shop.example.com/", "HTTPS://shop.example.com", "*",
            "https://shop.example.com, https://evil.com",
            "https://shop.example.com\r\nX-Evil: 1",
        ])
    func refused(_ origin: String) async throws {
        let fixture = try await APIFixture()
        let answer = await fixture.call(
            "POST", "/customers/client_connect", ["api_key": APIFixture.acme], origin: origin)
        #expect(answer.status == 403)
        #expect(answer.json["code"] == "origin_not_allowed")
        #expect(answer[.accessControlAllowOrigin] == nil)
        #expect(fixture.chat.journal.isEmpty)
        for (name, value) in answer.headers { #expect(!value.contains("Evil"), "\(name)") }
    }

    @Test("the rule holds for every call that knows its tenant")
    func everywhere() async throws {
        let fixture = try await APIFixture()
        let token = try await fixture.token()
        let room = await fixture.clientConnect("bob").json
        let rid = try #require(room["rid"]?.string)
        let chatToken = try #require(room["token"]?.string)
        let calls = fixture.chat.journal.count
        for (method, path, fields, token) in [
            ("GET", "/customers/auth_ping", [:], token), ("POST", "/customers/connect", ["name": "x"], token),
            ("GET", "/customers/history_message", ["room_id": rid], chatToken),
            ("POST", "/customers/shutdown_service", ["group_id": rid], chatToken),
            ("POST", "/customers/Transfer", ["group_id": rid], chatToken),
        ] as [(String, String, [String: String], String)] {
            #expect(
                await fixture.call(method, path, fields, token: token, origin: "https://evil.example.com").status
                    == 403, "\(path)")
        }
        #expect(fixture.chat.journal.count == calls)
    }

    @Test("a page that may call reads errors too; the page of another tenant as far as no tenant is known")
    func errors() async throws {
        let fixture = try await APIFixture()
        let answer = await fixture.call("GET", "/customers/auth_ping", origin: APIFixture.shop)
        #expect(answer.status == 401)
        #expect(answer[.accessControlAllowOrigin] == APIFixture.shop)
        let stranger = await fixture.call("GET", "/customers/auth_ping", origin: "https://evil.example.com")
        #expect(stranger.status == 401)
        #expect(stranger[.accessControlAllowOrigin] == nil)
        #expect(stranger[.vary] == "Origin")
    }

    @Test("a preflight is answered for any tenant's page, with the methods of the path")
    func preflight() async throws {
        let fixture = try await APIFixture()
        for origin in [APIFixture.shop, "https://other.example.com"] {
            let answer = await fixture.call("OPTIONS", "/customers/client_connect", origin: origin)
            #expect(answer.status == 204)
            #expect(answer.body.isEmpty)
            #expect(answer[.accessControlAllowOrigin] == origin)
            #expect(answer[.accessControlAllowMethods] == "POST, OPTIONS")
            #expect(answer[.accessControlAllowHeaders] == "Authorization, Content-Type, Idempotency-Key")
            #expect(answer[.vary] == "Origin")
            #expect(answer.headers.count { $0.name == .accessControlAllowOrigin } == 1)
        }
        #expect(
            await fixture.call("OPTIONS", "/customers/auth_ping/", origin: APIFixture.shop)[.accessControlAllowMethods]
                == "GET, HEAD, OPTIONS")
        let refused = await fixture.call("OPTIONS", "/customers/client_connect", origin: "https://evil.example.com")
        #expect(refused.status == 403)
        #expect(refused[.accessControlAllowOrigin] == nil)
        #expect(await fixture.call("OPTIONS", "/nowhere", origin: APIFixture.shop).status == 404)
    }

    @Test("OPTIONS of no page says what is allowed")
    func options() async throws {
        let answer = try await APIFixture().call("OPTIONS", "/managers/access_token")
        #expect(answer.status == 204)
        #expect(answer[.allow] == "GET, HEAD, POST, OPTIONS")
        #expect(answer[.accessControlAllowOrigin] == nil)
    }
}
