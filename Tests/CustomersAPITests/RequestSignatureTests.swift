import Crypto
@testable import Customers
@testable import CustomersAPI
import HTTPMessage
import Testing
import TestSupport

@Suite("Signatures for access tokens")
struct RequestSignatureTests {
    /// base64 with padding, written apart from the code under test.
    private func sign(_ message: String, secret: [UInt8] = APIFixture.secret) -> String {
        let code = Array(HMAC<SHA256>.authenticationCode(for: Array(message.utf8), using: SymmetricKey(data: secret)))
        return code.base64URL.replacing("-", with: "+").replacing("_", with: "/") + "="
    }

    private func ask(_ fixture: APIFixture, _ fields: [String: String], method: String = "POST") async -> HTTPResponse {
        await fixture.call(method, "/managers/access_token", fields)
    }

    @Test("the signature is the one that any HMAC tool makes")
    func vector() {
        // printf %s 8009bf1c-5fea-4221-b19a-fd4278fcb06f | openssl dgst -sha256 -hmac 3WsQAyIVHG7mQAHwURktAkLPMy622Has
        // -binary | base64
        let signature = RequestSignature(
            apiKey: APIFixture.acme, signature: "DUQ9XIZ1urguKQDwPj0X6gDeEoXqkMFcCMtF8c6V74k=")
        #expect(signature.isValid(secret: APIFixture.secret, now: 0))
    }

    @Test("a signed request gets a token that works, by GET and by POST", arguments: ["GET", "POST"])
    func issued(_ method: String) async throws {
        let fixture = try await APIFixture()
        let answer = await ask(
            fixture, ["apiKey": APIFixture.acme, "signature": sign(APIFixture.acme)], method: method)
        #expect(answer.status == 200)
        #expect(answer.keys == ["access_token", "time"])
        #expect(answer.json["time"] == 43_200)
        let token = try #require(answer.json["access_token"]?.string)
        #expect(await fixture.call("GET", "/customers/auth_ping", token: token).text == #""pong""#)
    }

    @Test("the key is signed as it was sent, in whatever spelling")
    func spelling() async throws {
        let fixture = try await APIFixture()
        for key in [APIFixture.acme.uppercased(), "8009bf1c5fea4221b19afd4278fcb06f"] {
            #expect(await ask(fixture, ["apiKey": key, "signature": sign(key)]).status == 200)
            #expect(await ask(fixture, ["apiKey": key, "signature": sign(APIFixture.acme)]).status == 401)
        }
    }

    @Test("a plus that became a space, missing padding and the URL alphabet are understood")
    func spaces() async throws {
        let fixture = try await APIFixture(requiresTimestamp: true)
        // Among many times some signatures have a plus.
        var hadPlus = false
        for second in APIFixture.seconds..<APIFixture.seconds + 30 {
            let signature = sign("\(APIFixture.acme)\n\(second)")
            hadPlus = hadPlus || signature.contains("+")
            for spelling in [
                signature.replacing("+", with: " "), signature.replacing("=", with: ""),
                signature.replacing("+", with: "-").replacing("/", with: "_"),
            ] {
                #expect(
                    await ask(fixture, ["apiKey": APIFixture.acme, "signature": spelling, "timestamp": "\(second)"])
                        .status == 200)
            }
        }
        #expect(hadPlus)
    }

    @Test("a wrong signature is 401, an unknown key 400")
    func wrong() async throws {
        let fixture = try await APIFixture()
        let good = sign(APIFixture.acme)
        for signature in [
            sign(APIFixture.acme, secret: Array("x".utf8)), sign(APIFixture.other), "x", "=", "====",
            String(good.dropLast(2)), good + "A", "é",
            good.replacing("=", with: "") + "A", sign("\(APIFixture.acme)\n\(APIFixture.seconds)"),
        ] {
            let answer = await ask(fixture, ["apiKey": APIFixture.acme, "signature": signature])
            #expect(answer.status == 401, "\(signature)")
            #expect(answer.json["status"] == "unauthorized")
        }
        for key in ["22222222-2222-4222-8222-222222222222", "nonsense"] {
            let answer = await ask(fixture, ["apiKey": key, "signature": good])
            #expect(answer.status == 400)
            #expect(answer.json["status"] == "apiKey wrong")
        }
        let missing = await ask(fixture, [:])
        #expect(missing.status == 400)
        #expect(missing.json["status"] == "params invalid")
        #expect(missing.json["errors"] == ["apiKey": "missing", "signature": "missing"])
    }

    @Test("a timestamp counts when it is signed and at most 300 s off")
    func timestamp() async throws {
        let fixture = try await APIFixture()
        for (offset, status) in [(-301, 401), (-300, 200), (0, 200), (300, 200), (301, 401)] as [(Int64, Int)] {
            let time = String(APIFixture.seconds + offset)
            let answer = await ask(
                fixture,
                ["apiKey": APIFixture.acme, "signature": sign("\(APIFixture.acme)\n\(time)"), "timestamp": time])
            #expect(answer.status == status, "\(offset)")
            // The bare signature does not stand for one with a time.
            #expect(
                await ask(fixture, ["apiKey": APIFixture.acme, "signature": sign(APIFixture.acme), "timestamp": time])
                    .status == 401)
        }
        for time in ["", "now", "1e9", "99999999999999999999"] {
            let status = await ask(
                fixture,
                ["apiKey": APIFixture.acme, "signature": sign("\(APIFixture.acme)\n\(time)"), "timestamp": time]
            ).status
            #expect(status == 401)
        }
    }

    @Test("a tenant can require the timestamp")
    func required() async throws {
        let fixture = try await APIFixture(requiresTimestamp: true)
        #expect(await ask(fixture, ["apiKey": APIFixture.acme, "signature": sign(APIFixture.acme)]).status == 401)
        let time = String(APIFixture.seconds)
        #expect(
            await ask(
                fixture,
                ["apiKey": APIFixture.acme, "signature": sign("\(APIFixture.acme)\n\(time)"), "timestamp": time]
            ).status == 200)
    }

    @Test("base64 with all its mistakes", arguments: ["A", "AA=A", "A===", "AB", "AAB", "AA.A", "AA==="])
    func badBase64(_ text: String) { #expect([UInt8](base64: text.utf8) == nil) }

    @Test("base64 of RFC 4648 section 10")
    func goodBase64() {
        for (code, text) in [
            "": "", "Zg==": "f", "Zm8=": "fo", "Zm9v": "foo", "Zm9vYg==": "foob", "Zm9vYmE=": "fooba",
            "Zm9vYmFy": "foobar",
        ] {
            #expect([UInt8](base64: code.utf8) == Array(text.utf8))
            #expect([UInt8](base64: code.replacing("=", with: "").utf8) == Array(text.utf8))
        }
        #expect([UInt8](base64: "-_+/".utf8) == [0xfb, 0xff, 0xbf])
        #expect([UInt8](base64URL: "-_-_".utf8) == [0xfb, 0xff, 0xbf])
        for text in ["+/+/", "Zg=="] { #expect([UInt8](base64URL: text.utf8) == nil) }
    }
}
