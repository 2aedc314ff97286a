import ChatBackend
import HTTPMessage
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Chat tokens")
struct TokenTests {
    private static let minted = ScriptedHTTPAnswer.json(
        #"{"data":{"userId":"BsNr28znDkG8aeo7W","authToken":"minted"},"success":true}"#)

    private static let own = Answer.login("own", userID: "BsNr28znDkG8aeo7W")

    private func mint(_ chat: ScriptedRocketChat) async -> Result<String, ChatBackendError> {
        do throws(ChatBackendError) {
            return .success(try await chat.backend.mintToken(for: customer, password: "geheim"))
        } catch {
            return .failure(error)
        }
    }

    @Test("the service account makes the token, with the secret where there is one", arguments: [nil, "s3cret"])
    func minted(secret: String?) async throws {
        let chat = try ScriptedRocketChat(["users.createToken": { _, _ in Self.minted }]) {
            $0.createTokenSecret = secret
        }
        #expect(await mint(chat) == .success("minted"))
        #expect(
            chat.server.requests.first?.text
                == (secret == nil
                    ? #"{"userId":"BsNr28znDkG8aeo7W"}"# : #"{"secret":"s3cret","userId":"BsNr28znDkG8aeo7W"}"#))
    }

    @Test(
        "a server that makes no tokens for others logs customers in, for ten minutes without asking",
        arguments: [
            Answer.error("Not authorized [error-not-authorized]", "error-not-authorized"),
            Answer.error("Not authorized", "error-forbidden", status: 403),
            Answer.error("unauthorized", status: 403),
            Answer.error("must have required property 'secret' [invalid-params]", "invalid-params"),
            Answer.error("must have required property 'secret'", "invalid-params"),
            Answer.error("no", status: 404),
        ])
    func fallback(answer: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat([
            "users.createToken": { _, _ in answer }, "login": { _, _ in Self.own },
        ])
        #expect(await mint(chat) == .success("own"))
        #expect(await mint(chat) == .success("own"))
        #expect(chat.routes == ["users.createToken", "login", "login"])
        #expect(chat.server.requests.last?.text == #"{"password":"geheim","user":"cust-42"}"#)
        chat.turn(seconds: 601)
        #expect(await mint(chat) == .success("own"))
        #expect(chat.routes == ["users.createToken", "login", "login", "users.createToken", "login"])
    }

    @Test("the fault with users who never logged in is not held against the server")
    func neverLoggedIn() async throws {
        let chat = try ScriptedRocketChat([
            "users.createToken": { _, number in
                number == 0 ? Answer.error("Cannot read properties of undefined (reading 'tokens')") : Self.minted
            }, "login": { _, _ in Self.own },
        ])
        #expect(await mint(chat) == .success("own"))
        #expect(await mint(chat) == .success("minted"))
    }

    @Test("an unknown user and a failing server are no reason to log in")
    func noFallback() async throws {
        let answers = [
            (Answer.error("No user [error-invalid-user]", "error-invalid-user"), ChatBackendError.notFound),
            (Answer.gateway, .unavailable("status 502")), (Answer.limited, .rateLimited(retryAfter: 42)),
            (.json(#"{"data":{}}"#), .contract("users.createToken: no authToken")),
        ]
        for (answer, error) in answers {
            let chat = try ScriptedRocketChat(["users.createToken": { _, _ in answer }])
            #expect(await mint(chat) == .failure(error))
        }
    }

    @Test(
        "a token that is none, or another user's, is handed to nobody, whichever way it was made",
        arguments: [
            ("aaa.bbb.ccc", "BsNr28znDkG8aeo7W", "no authToken"), ("a.b", "BsNr28znDkG8aeo7W", "no authToken"),
            (#"abc\r\nX-Evil: 1"#, "BsNr28znDkG8aeo7W", "no authToken"),
            ("a b", "BsNr28znDkG8aeo7W", "no authToken"), ("ü", "BsNr28znDkG8aeo7W", "no authToken"),
            ("", "BsNr28znDkG8aeo7W", "no authToken"),
            (String(repeating: "t", count: 129), "BsNr28znDkG8aeo7W", "no authToken"),
            ("good", "SomebodyElse12345", "another user"), ("good", "bsNr28znDkG8aeo7W", "another user"),
        ])
    func unusable(token: String, userID: String, flaw: String) async throws {
        let body = #"{"data":{"userId":"\#(userID)","authToken":"\#(token)"},"success":true}"#
        let made = try ScriptedRocketChat(["users.createToken": { _, _ in .json(body) }])
        #expect(await mint(made) == .failure(.contract("users.createToken: \(flaw)")))
        let loggedIn = try ScriptedRocketChat([
            "users.createToken": { _, _ in Answer.error("unauthorized", status: 403) },
            "login": { _, _ in .json(body) },
        ])
        #expect(await mint(loggedIn) == .failure(.contract("login: \(flaw)")))
    }

    @Test("a token of the longest kind is one")
    func longest() async throws {
        let token = String(repeating: "t-_~", count: 32)
        let chat = try ScriptedRocketChat([
            "users.createToken": { _, _ in
                .json(#"{"data":{"userId":"BsNr28znDkG8aeo7W","authToken":"\#(token)"},"success":true}"#)
            }
        ])
        #expect(await mint(chat) == .success(token))
    }

    @Test("a deactivated customer is refused as such")
    func deactivated() async throws {
        let chat = try ScriptedRocketChat([
            "users.createToken": { _, _ in Answer.error("Not authorized [error-not-authorized]", "error-not-authorized")
            },
            "login": { _, _ in
                .json(
                    #"{"success":false,"status":"error","error":"error-user-is-not-activated","#
                        + #""message":"User is not activated"}"#,
                    status: 401)
            },
        ])
        #expect(await mint(chat) == .failure(.refused(code: "deactivated")))
    }

    @Test("a customer's token is logged out in the customer's name; a dead one is no error")
    func revoke() async throws {
        let chat = try ScriptedRocketChat([
            "logout": { _, number in
                number == 0
                    ? .json(#"{"status":"success","data":{"message":"You've been logged out!"}}"#) : Answer.unauthorized
            }
        ])
        try await chat.backend.revokeToken(credential)
        try await chat.backend.revokeToken(credential)
        #expect(chat.server.requests.map { $0.headers["x-auth-token"] } == ["customerToken", "customerToken"])
        #expect(chat.server.requests.map { $0.headers["x-user-id"] } == [credential.userID, credential.userID])
    }

    @Test("a logout that failed says so")
    func revokeFails() async throws {
        let chat = try ScriptedRocketChat(["logout": { _, _ in Answer.gateway }])
        #expect(
            await failure { () async throws(ChatBackendError) in try await chat.backend.revokeToken(credential) }
                == .unavailable("status 502"))
    }
}
