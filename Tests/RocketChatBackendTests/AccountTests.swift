import ChatBackend
import HTTPMessage
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Customer accounts")
struct AccountTests {
    private static let order = NewCustomerAccount(
        username: "cust-42", name: "Customer 42", email: "cust-42@customers.invalid", password: "geheim")
    private static let taken = Answer.error(
        "cust-42 is already in use :( [error-field-unavailable]", "error-field-unavailable",
        details: #"{"method":"insertOrUpdateUser","field":"cust-42"}"#)
    private static let emailTaken = Answer.error(
        "cust-42@customers.invalid is already in use :( [error-field-unavailable]", "error-field-unavailable",
        details: #"{"field":"Cust-42@customers.invalid"}"#)

    private func create(_ chat: ScriptedRocketChat) async -> Result<ChatAccount, ChatBackendError> {
        do throws(ChatBackendError) {
            return .success(try await chat.backend.createCustomer(Self.order))
        } catch {
            return .failure(error)
        }
    }

    @Test("creation asks for a plain account and reads what the server made")
    func created() async throws {
        let chat = try ScriptedRocketChat(["users.create": { _, _ in Answer.user() }])
        let account = try await create(chat).get()
        #expect(
            account
                == ChatAccount(
                    id: "BsNr28znDkG8aeo7W", username: "cust-42", name: "Customer 42", type: "user", status: "offline",
                    isActive: true, utcOffset: 8))
        let body = try JSONValue(parsing: try #require(chat.server.requests.first).body)
        #expect(
            body == [
                "email": "cust-42@customers.invalid", "joinDefaultChannels": false,
                "name": "Customer 42",
                "password": "geheim", "requirePasswordChange": false, "roles": ["user"], "sendWelcomeEmail": false,
                "username": "cust-42", "verified": true,
            ])
    }

    @Test(
        "the account that has the name is taken, whatever the creation ended with",
        arguments: [
            taken, Answer.error("Error trying to send email"),
            Answer.error("Adding user is not allowed [error-action-not-allowed]"),
            Answer.gateway, .reset, .raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", ending: .close), .silence,
        ])
    func adopted(answer: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat(["users.create": { _, _ in answer }, "users.info": { _, _ in Answer.user() }])
        {
            $0.deadline = .milliseconds(500)
        }
        #expect(try await create(chat).get().id == "BsNr28znDkG8aeo7W")
        #expect(chat.server.requests(for: "users.info").first?.parameter("username") == "cust-42")
    }

    @Test(
        "an account that is not this customer's is never taken",
        arguments: [
            Answer.user("Cust-42"), Answer.user("somebody", id: "cust-42"), Answer.user(roles: #"["user","admin"]"#),
            Answer.user(roles: #"["livechat-agent"]"#), Answer.user(type: "bot"), Answer.user(type: "app"),
        ])
    func notAdopted(answer: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat(["users.create": { _, _ in Self.taken }, "users.info": { _, _ in answer }])
        #expect(await create(chat) == .failure(.alreadyExists))
    }

    @Test("the configured role and the weaker ones are a customer's")
    func harmlessRoles() async throws {
        let chat = try ScriptedRocketChat([
            "users.create": { _, _ in Self.taken },
            "users.info": { _, _ in Answer.user(roles: #"["customer","user","guest","anonymous"]"#) },
        ]) { $0.customerRole = "customer" }
        #expect(try await create(chat).get().username == "cust-42")
    }

    @Test("roles that the server does not show are no obstacle")
    func hiddenRoles() async throws {
        let chat = try ScriptedRocketChat([
            "users.create": { _, _ in Self.taken },
            "users.info": { _, _ in .json(#"{"user":{"_id":"x","username":"cust-42","type":"user","active":true}}"#) },
        ])
        #expect(try await create(chat).get().id == "x")
    }

    @Test(
        "an account with another e-mail address was registered by somebody else; by the way it was made it is known again",
        arguments: [
            ("eve@example.com", false), ("Cust-42@customers.invalid", true),
            ("cust-42+1f3c9a20@customers.invalid", true),
            ("cust-42@former.example", true),
        ])
    func otherEmail(email: String, isOurs: Bool) async throws {
        let user =
            #"{"user":{"_id":"x","username":"cust-42","type":"user","active":true,"emails":[{"address":"\#(email)"}]}}"#
        let chat = try ScriptedRocketChat([
            "users.create": { _, _ in Self.taken }, "users.info": { _, _ in .json(user) },
        ])
        switch await create(chat) {
        case .success(let account): #expect(isOurs && account.id == "x")
        case .failure(let error): #expect(!isOurs && error == .alreadyExists)
        }
    }

    @Test("a deactivated account is refused as such")
    func deactivated() async throws {
        let chat = try ScriptedRocketChat([
            "users.create": { _, _ in Self.taken }, "users.info": { _, _ in Answer.user(active: false) },
        ])
        #expect(await create(chat) == .failure(.refused(code: "deactivated")))
    }

    @Test("an e-mail address that is somebody else's is replaced once")
    func emailClash() async throws {
        let chat = try ScriptedRocketChat([
            "users.create": { _, number in number == 0 ? Self.emailTaken : Answer.user() },
            "users.info": { _, _ in Answer.userNotFound },
        ])
        _ = try await create(chat).get()
        let second = try JSONValue(parsing: try #require(chat.server.requests.last).body)
        #expect(second["email"]?.string?.wholeMatch(of: /cust-42\+[0-9a-f]{8}@customers\.invalid/) != nil)
        #expect(second["username"] == "cust-42")
    }

    @Test("two clashes of addresses are an error")
    func emailClashTwice() async throws {
        let chat = try ScriptedRocketChat([
            "users.create": { _, _ in Self.emailTaken }, "users.info": { _, _ in Answer.userNotFound },
        ])
        #expect(await create(chat) == .failure(.alreadyExists))
        #expect(chat.server.requests(for: "users.create").count == 2)
    }

    @Test("a display name that the server refuses is reduced once")
    func nameRefused() async throws {
        let chat = try ScriptedRocketChat([
            "users.create": { _, number in
                number == 0 ? Answer.error("Name contains invalid characters") : Answer.user()
            },
            "users.info": { _, _ in Answer.userNotFound },
        ])
        _ = try await chat.backend.createCustomer(
            NewCustomerAccount(username: "cust-42", name: "<李>/O'Neil_1.2-3", email: "a@b", password: "p"))
        let second = try JSONValue(parsing: try #require(chat.server.requests.last).body)
        #expect(second["name"] == "李ONeil_1.2-3")
        #expect(RocketChatBackend.plain("<%>", else: "cust-42") == "cust-42")
    }

    @Test("a refusal without an account stays a refusal")
    func refused() async throws {
        let chat = try ScriptedRocketChat([
            "users.create": { _, _ in
                Answer.error("Adding user is not allowed [error-action-not-allowed]", "error-action-not-allowed")
            },
            "users.info": { _, _ in Answer.userNotFound },
        ])
        #expect(await create(chat) == .failure(.refused(code: "error-action-not-allowed")))
    }

    @Test("a rate limit is passed on without more calls")
    func limited() async throws {
        let chat = try ScriptedRocketChat(["users.create": { _, _ in Answer.limited }])
        #expect(await create(chat) == .failure(.rateLimited(retryAfter: 42)))
        #expect(chat.routes == ["users.create"])
    }

    @Test("a creation that timed out without an account is a time-out")
    func timedOut() async throws {
        let chat = try ScriptedRocketChat([
            "users.create": { _, _ in .silence }, "users.info": { _, _ in Answer.userNotFound },
        ]) { $0.deadline = .milliseconds(100) }
        #expect(await create(chat) == .failure(.timedOut))
    }

    @Test(
        "a reply without the user, or with another one, breaks the contract",
        arguments: [
            #"{"success":true}"#, #"{"user":{"username":"cust-42"},"success":true}"#,
            #"{"user":{"_id":"x","username":"other"},"success":true}"#,
        ])
    func contract(body: String) async throws {
        let chat = try ScriptedRocketChat(["users.create": { _, _ in .json(body) }])
        guard case .failure(.contract) = await create(chat) else {
            Issue.record("taken")
            return
        }
    }
}
