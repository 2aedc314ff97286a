import ChatBackend
import Crypto
import Customers
@testable import CustomersAPI
import HTTPMessage
import Testing
import TestSupport

@Suite("Calls with an Idempotency-Key")
struct IdempotencyTests {
    private func form(_ fields: [String: String]) -> [UInt8] {
        Array(fields.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: "&").utf8)
    }

    private func post(
        _ api: APIFixture, _ path: String, _ fields: [String: String], key: String? = "k-1", token: String? = nil,
        from address: String = "192.0.2.1"
    ) async -> HTTPResponse {
        var headers: [String: String] = [:]
        headers["idempotency-key"] = key
        headers["authorization"] = token
        return await api.routes.answer(
            HTTPRequest(
                method: "POST", path: path, headers: headers, body: form(fields), remoteAddress: address,
                requestID: "req-1"))
    }

    private func guest(
        _ api: APIFixture, _ more: [String: String] = [:], key: String? = "k-1", token: String? = nil,
        from address: String = "192.0.2.1"
    ) async -> HTTPResponse {
        let fields = more.merging(["api_key": APIFixture.acme]) { given, _ in given }
        return await post(api, "/customers/client_connect", fields, key: key, token: token, from: address)
    }

    @Test("a guest who calls again with the key gets the same answer, and no second account or room")
    func guestAgain() async throws {
        let api = try await APIFixture()
        let first = await guest(api)
        #expect(first.status == 200)
        #expect(first[.idempotencyReplayed] == nil)
        let again = await guest(api, key: "\"k-1\"")
        #expect(again.status == 200 && again.body == first.body)
        #expect(again[.idempotencyReplayed] == "true")
        #expect(again[.contentType] == "application/json" && again[.requestID] == "req-1")
        #expect(api.chat.rooms.count == 1)
        #expect(await guest(api, key: "k-2").json["id"] != first.json["id"])
        #expect(await guest(api, key: nil).json["id"] != first.json["id"])
    }

    @Test("the encoding does not make another request, a field does")
    func body() async throws {
        let api = try await APIFixture()
        let first = await guest(api, ["name": "ann"])
        let json = HTTPRequest(
            method: "POST", path: "/customers/client_connect/",
            headers: ["idempotency-key": "k-1", "content-type": "application/json"],
            body: Array(#"{"name":"ann","api_key":"\#(APIFixture.acme)"}"#.utf8), remoteAddress: "192.0.2.1")
        #expect(await api.routes.answer(json).body == first.body)
        let other = await guest(api, ["name": "bob"])
        #expect(other.status == 422)
        #expect(other.json["code"] == "idempotency_key_reused")
        #expect(await guest(api, ["name": "ann", "DEVICE_TYPE": "ios"]).status == 422)
        #expect(api.chat.rooms.count == 1)
    }

    @Test("who replays a guest's key from elsewhere gets a room of their own, not the guest's token")
    func stranger() async throws {
        let api = try await APIFixture()
        let mine = await guest(api, from: "2001:db8:1:2::1")
        let theirs = await guest(api, from: "2001:db8:1:3::1")
        #expect(theirs.status == 200)
        for key in ["token", "id", "rid", "user_id"] { #expect(theirs.json[key] != mine.json[key], "\(key)") }
        #expect(await guest(api, from: "2001:db8:1:2:ffff::9").body == mine.body)
        // Another tenant's, under the same key: their own as well.
        let other = await guest(api, ["api_key": APIFixture.other])
        #expect(other.json["token"] != mine.json["token"])
    }

    @Test("who proves to be a customer is the same caller at any address, and another one than the address")
    func proof() async throws {
        let api = try await APIFixture()
        let first = await guest(api)
        let token = try #require(first.json["token"]?.string)
        // The same key, but now it is the customer who calls: a call of its own, which resumes.
        let resumed = await guest(api, token: token, from: "198.51.100.1")
        #expect(resumed.json["resumed"] == true && resumed.json["rid"] == first.json["rid"])
        let again = await guest(api, token: token, from: "203.0.113.7")
        #expect(again.body == resumed.body && again[.idempotencyReplayed] == "true")
        // A token that proves nothing changes nothing.
        #expect(await guest(api, token: "nobodys").body == first.body)
    }

    @Test("a signed name may be signed anew for the retry; without a good signature there is no answer")
    func signed() async throws {
        let secret = Array("identity".utf8)
        let api = try await APIFixture(identity: .signed(secret: secret))
        func fields(_ seconds: Int64) -> [String: String] {
            let code = HMAC<SHA256>.authenticationCode(
                for: Array("ann.\(seconds)".utf8), using: SymmetricKey(data: secret))
            let hash = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return ["name": "ann", "user_hash": hash, "ts": String(seconds)]
        }
        let first = await guest(api, fields(APIFixture.seconds))
        #expect(first.status == 200)
        let again = await guest(api, fields(APIFixture.seconds + 9), from: "203.0.113.7")
        #expect(again.body == first.body && again[.idempotencyReplayed] == "true")
        #expect(await guest(api, fields(APIFixture.seconds - 301)).status == 401)
        #expect(await guest(api, ["name": "ann"]).status == 401)
    }

    @Test("a call that runs is in the way of a second one, until its gateway dies")
    func running() async throws {
        let api = try await APIFixture()
        api.chat.hold(.openGroup)
        async let slow = guest(api)
        try await api.chat.waitFor(.openGroup)
        let second = await guest(api)
        #expect(second.status == 409)
        #expect(second.json["code"] == "idempotency_key_in_use")
        #expect((1...3).contains(second[.retryAfter].flatMap { Int($0) } ?? 0))
        api.chat.letGo(.openGroup)
        let first = await slow
        #expect(first.status == 200)
        #expect(await guest(api).body == first.body)
    }

    @Test("a gateway that dies over a guest's call leaves no second account: the next run is the same guest")
    func crash() async throws {
        let api = try await APIFixture()
        api.stores.fail("finishCall")
        let lost = await guest(api)
        #expect(lost.status == 200)
        #expect(await guest(api).status == 409)
        api.stores.endRuns()
        let again = await guest(api)
        #expect(again.json["resumed"] == true)
        for key in ["id", "rid", "token", "user_id"] { #expect(again.json[key] == lost.json[key], "\(key)") }
        #expect(api.chat.rooms.count == 1)
    }

    @Test("after a failure the same call runs again, as the same guest")
    func failure() async throws {
        let api = try await APIFixture()
        api.chat.fail(.openGroup, .timedOut)
        #expect(await guest(api).status == 504)
        let again = await guest(api)
        #expect(again.status == 200 && again[.idempotencyReplayed] == nil)
        #expect(api.chat.usernames.count == 1)
    }

    @Test("a refusal that stays one is kept, one that may pass is not")
    func refusals() async throws {
        let api = try await APIFixture(perAddress: RateLimit(count: 1, seconds: 60))
        let token = try await api.token()
        let name = ["name": String(repeating: "a", count: 65)]
        let refused = await post(api, "/customers/connect", name, key: "t", token: token)
        #expect(refused.status == 400)
        let same = await post(api, "/customers/connect/", name, key: "t", token: token)
        #expect(same.body == refused.body && same[.idempotencyReplayed] == "true")
        for _ in 0..<2 {
            let absent = await post(api, "/customers/Transfer", ["group_id": "nothing"], key: "v", token: token)
            #expect(absent.status == 404 && absent[.idempotencyReplayed] == nil)
        }

        let session = await guest(api)
        let fields = ["group_id": try #require(session.json["rid"]?.string)]
        // Nobody else is in the department.
        #expect(await post(api, "/customers/Transfer", fields, key: "u", token: token).status == 409)
        let second = await post(api, "/customers/Transfer", fields, key: "u", token: token)
        #expect(second.status == 409 && second[.idempotencyReplayed] == nil)
        #expect(await guest(api, key: "k-2").status == 429)
        let limited = await guest(api, key: "k-2")
        #expect(limited.status == 429 && limited[.idempotencyReplayed] == nil)
    }

    @Test(
        "a customer names so many calls a minute: each is remembered for a day; the tenant's server as many as it likes"
    )
    func limited() async throws {
        let api = try await APIFixture()
        let session = await guest(api)
        let rid = ["group_id": try #require(session.json["rid"]?.string)]
        let token = try #require(session.json["token"]?.string)
        for number in 0..<30 {
            let reply = await post(api, "/customers/shutdown_service", rid, key: "n-\(number)", token: token)
            #expect(reply.status == 200)
        }
        let reply = await post(api, "/customers/shutdown_service", rid, key: "n-30", token: token)
        #expect(reply.status == 429 && reply[.retryAfter] != nil)
        #expect(await post(api, "/customers/shutdown_service", rid, key: nil, token: token).status == 200)
        let server = try await api.token()
        for number in 0..<40 {
            #expect(
                await post(api, "/customers/shutdown_service", rid, key: "s-\(number)", token: server).status == 200)
        }
    }

    @Test("every POST takes it, for the caller and route that it was given for")
    func everyPost() async throws {
        let api = try await APIFixture()
        let token = try await api.token()
        let direct = await post(api, "/customers/connect", ["name": "ann"], token: token)
        #expect(direct.status == 200)
        #expect(await post(api, "/customers/connect", ["name": "ann"], token: token)[.idempotencyReplayed] == "true")
        #expect(await post(api, "/customers/connect", ["name": "bob"], token: token).status == 422)
        let rid = try #require(direct.json["rid"]?.string)
        // The same key on another route is another call.
        for isAgain in [false, true] {
            let closed = await post(api, "/customers/shutdown_service", ["group_id": rid], token: token)
            #expect(closed.status == 200)
            #expect((closed[.idempotencyReplayed] == "true") == isAgain)
        }
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(APIFixture.acme.utf8), using: SymmetricKey(data: APIFixture.secret))
        let signature = APIFixture.base64URL(code).replacing("-", with: "%2B").replacing("_", with: "/")
        let fields = ["apiKey": APIFixture.acme, "signature": signature]
        let issued = await post(api, "/managers/access_token", fields)
        #expect(issued.status == 200)
        #expect(await post(api, "/managers/access_token", fields).body == issued.body)
        #expect(await post(api, "/managers/access_token", fields, key: nil).body != issued.body)
        #expect(await post(api, "/managers/access_token", fields.merging(["signature": "x"]) { $1 }).status == 401)
    }

    @Test("a key that is none is a 400 that names it, and nothing happens")
    func malformed() async throws {
        let api = try await APIFixture()
        let reply = await guest(api, key: "two words")
        #expect(reply.status == 400)
        #expect(reply.json["errors"]?["Idempotency-Key"] != nil)
        #expect(api.chat.rooms.isEmpty)
    }

    @Test("what is kept shows neither key nor token, and another server key does not open it")
    func sealed() async throws {
        let api = try await APIFixture()
        let answer = await guest(api, key: "my-secret-key")
        let token = try #require(answer.json["token"]?.string)
        let kept = try #require(api.stores.keptAnswers.first)
        #expect(!String(decoding: kept, as: UTF8.self).contains(token))
        let call = IdempotentCall(tenant: try APIFixture.need(TenantID(APIFixture.acme)), id: "id", fingerprint: "")
        let seal = AnswerSeal(key: APIFixture.tokenKey)
        let bytes = try seal.seal(answer, for: call)
        #expect(seal.open(bytes, for: call)?.body == answer.body)
        #expect(AnswerSeal(key: Array("another".utf8)).open(bytes, for: call) == nil)
        var another = call
        another.id = "id2"
        #expect(seal.open(bytes, for: another) == nil)
        #expect(seal.tag(["a", "bc"]) != seal.tag(["ab", "c"]))
    }

    @Test("without the store there is no answer, kept or not")
    func storeAway() async throws {
        let api = try await APIFixture()
        api.stores.fail("beginCall")
        let reply = await guest(api)
        #expect(reply.status == 503 && reply.json["code"] == "store_unavailable")
        #expect(api.chat.rooms.isEmpty)
    }
}
