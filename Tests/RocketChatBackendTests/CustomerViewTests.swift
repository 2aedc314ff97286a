import ChatBackend
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("What customers see of each other")
struct CustomerViewTests {
    private static let probe = NewCustomerAccount(
        username: "probe-1", name: "Probe", email: "probe-1@x.invalid", password: "geheim")
    private static let other = NewCustomerAccount(
        username: "probe-2", name: "Probe", email: "probe-2@x.invalid", password: "geheim")

    private static let own = #"{"_id":"id-probe-1","username":"probe-1","emails":[{"address":"probe-1@x.invalid"}]}"#
    private static let stranger = #"{"_id":"id-probe-2","username":"probe-2","name":"Probe"}"#
    private static let addressed = #"{"_id":"agentId","username":"ann","emails":[{"address":"ann@x.tld"}]}"#
    private static let channel = #"{"_id":"GENERAL","t":"c","name":"general"}"#
    private static let refused = Answer.error("Not allowed [error-not-allowed]", "error-not-allowed")

    /// What making the accounts and the token takes, with a group and a direct room of the gateway's account.
    private static let service: [String: ScriptedRocketChat.Route] = [
        "users.create": { _, number in
            .json(
                #"{"user":{"_id":"id-probe-\#(number + 1)","username":"probe-\#(number + 1)","name":"Probe","active":true},"#
                    + #""success":true}"#)
        },
        "users.createToken": { _, _ in
            .json(#"{"data":{"userId":"id-probe-1","authToken":"probeToken"},"success":true}"#)
        },
        "groups.list": { _, _ in .json(#"{"groups":[{"_id":"groupId","t":"p"}],"success":true}"#) },
        "im.list": { _, _ in
            .json(
                #"{"ims":[{"_id":"own","uids":["id-probe-1","svcId"]},{"_id":"dmId","uids":["a","b"]}],"success":true}"#
            )
        },
        "im.delete": { _, _ in Answer.success }, "logout": { _, _ in Answer.success },
    ]

    private static func list(_ key: String, _ items: String...) -> ScriptedHTTPAnswer {
        .json(#"{"\#(key)":[\#(items.joined(separator: ","))],"success":true}"#)
    }

    private func view(
        _ routes: [String: ScriptedRocketChat.Route], role: String = "customer"
    ) async throws -> (findings: [RocketChatFinding], chat: ScriptedRocketChat) {
        let chat = try ScriptedRocketChat(Self.service.merging(routes) { $1 }) { $0.customerRole = role }
        return (await chat.backend.customerView(of: Self.probe, other: Self.other), chat)
    }

    @Test("a server that refuses everything, or shows the customer nothing but themselves, is all good")
    func tight() async throws {
        let (findings, chat) = try await view([
            "users.list": { _, _ in Self.list("users", Self.own) },
            "directory": { _, _ in Answer.error("Please verify the parameters") },
            "spotlight": { _, _ in .json(#"{"users":[],"rooms":[],"success":true}"#) },
            "users.autocomplete": { _, _ in Self.list("items") },
            "users.info": { _, _ in Answer.userNotFound }, "channels.list": { _, _ in Self.list("channels") },
            "rooms.get": { _, _ in .json(#"{"update":[{"_id":"dm","t":"d"}],"remove":[],"success":true}"#) },
            "groups.history": { _, _ in Answer.roomNotFound },
            "im.history": { _, _ in Answer.error("unauthorized", status: 403) },
            "im.create": { _, _ in Self.refused },
        ])
        #expect(findings.allSatisfy { $0.outcome == .good }, "\(findings)")
        #expect(findings.count == 12)
        #expect(!chat.routes.contains("im.delete") && chat.routes.last == "logout")
        let histories = chat.server.requests.filter { $0.route.hasSuffix(".history") }.map(\.target)
        #expect(
            histories.contains { $0.contains("roomId=groupId") } && histories.contains { $0.contains("roomId=dmId") })
    }

    @Test("each thing that a customer can see is told with its remedy, and a room that came about is deleted")
    func leaky() async throws {
        let (findings, chat) = try await view(
            [
                "users.list": { _, _ in Self.list("users", Self.own, Self.stranger) },
                "directory": { request, _ in
                    Self.list("result", request.target.contains("type=users") ? Self.stranger : Self.channel)
                },
                "spotlight": { _, _ in
                    .json(#"{"users":[\#(Self.stranger)],"rooms":[\#(Self.channel)],"success":true}"#)
                },
                "users.autocomplete": { _, _ in Self.list("items", Self.stranger) },
                "users.info": { _, _ in .json(#"{"user":\#(Self.addressed),"success":true}"#) },
                "channels.list": { _, _ in Self.list("channels", Self.channel) },
                "rooms.get": { _, _ in .json(#"{"update":[\#(Self.channel)],"remove":[],"success":true}"#) },
                "groups.history": { _, _ in Self.list("messages") }, "im.history": { _, _ in Self.list("messages") },
                "im.create": { _, _ in .json(#"{"room":{"_id":"newRoom","t":"d"},"success":true}"#) },
            ], role: "user")
        #expect(findings.count == 13 && !findings.contains { $0.outcome == .good }, "\(findings)")
        #expect(findings.allSatisfy { !$0.remedy.isEmpty })
        let faults = findings.filter { $0.outcome == .fault }.map(\.text)
        #expect(faults.count == 3)
        for text in ["e-mail addresses of others (users.info)", "(groups.history)", "(im.history)"] {
            #expect(faults.contains { $0.contains(text) }, "\(text)")
        }
        let remedies = findings.map(\.remedy).joined(separator: "\n")
        for permission in [
            "view-outside-room", "view-d-room", "view-c-room", "create-d", "view-joined-room",
            "view-full-other-user-info",
        ] {
            #expect(remedies.contains(permission))
        }
        #expect(findings.last?.text.contains("the role user") == true)
        let deletion = try #require(chat.server.requests.first { $0.route == "im.delete" })
        #expect(deletion.text.contains("newRoom"))
    }

    @Test("what was limited, or of another version, is not taken for a refusal")
    func unproven() async throws {
        let limited: ScriptedRocketChat.Route = { _, _ in Answer.limited }
        let other: ScriptedRocketChat.Route = { _, _ in
            Answer.error("must have required property 'x' [invalid-params]", "invalid-params")
        }
        let (findings, _) = try await view(["users.list": limited, "spotlight": other])
        let open = findings.filter { $0.outcome == .warning }.map(\.text)
        #expect(open.count == 3 && open.allSatisfy { $0.contains("could not be tried") }, "\(open)")
    }

    @Test("where the gateway's account is in no room of others, it is said that reading them was not tried")
    func noRooms() async throws {
        let (findings, chat) = try await view([
            "groups.list": { _, _ in Self.list("groups") },
            "im.list": { _, _ in Answer.error("unauthorized", status: 403) },
        ])
        let notes = findings.filter { $0.outcome == .note }.map(\.text)
        #expect(notes.count == 2 && notes.allSatisfy { $0.contains("was not tried") }, "\(notes)")
        #expect(!chat.routes.contains { $0.hasSuffix(".history") })
    }

    @Test("a password that signs the probe in shows that the key is the same; its token serves for the rest")
    func sameKey() async throws {
        let (findings, chat) = try await view(["login": { _, _ in Answer.login("own") }])
        #expect(!findings.contains { $0.text.contains("seal key") })
        #expect(!chat.routes.contains("users.createToken") && chat.routes.last == "logout")
    }

    @Test(
        "a password that does not shows another key: a fault, found with one attempt, and the rest is tried if it can be"
    )
    func otherKey() async throws {
        let wrong = ScriptedHTTPAnswer.json(
            #"{"status":"error","error":"Unauthorized","message":"Unauthorized"}"#, status: 401)
        let (findings, chat) = try await view(["login": { _, _ in wrong }])
        let faults = findings.filter { $0.outcome == .fault }
        #expect(faults.count == 1 && faults[0].text.contains("seal key is another one"), "\(findings)")
        #expect(chat.routes.contains("users.createToken") && chat.routes.contains("users.list"))
        let (alone, other) = try await view([
            "login": { _, _ in wrong }, "users.createToken": { _, _ in Self.refused },
        ])
        #expect(alone == faults, "\(alone)")
        #expect(other.routes.count { $0 == "login" } == 1 && !other.routes.contains("users.list"))
    }

    @Test(
        "a login that fails for another reason says nothing of the key",
        arguments: ["totp-required", "error-login-blocked-for-ip"])
    func otherReason(code: String) async throws {
        let (findings, _) = try await view(["login": { _, _ in Answer.error(code, code, status: 401) }])
        #expect(!findings.contains { $0.text.contains("seal key") })
    }

    @Test("without an account there is no proof, and that is said")
    func noAccount() async throws {
        let (findings, chat) = try await view([
            "users.create": { _, _ in Answer.error("Adding user is not allowed [error-action-not-allowed]") },
            "users.info": { _, _ in Answer.userNotFound },
        ])
        #expect(findings.count == 1 && findings[0].outcome == .warning)
        #expect(findings[0].text.contains("could not be tried") && !chat.routes.contains("users.list"))
    }
}
