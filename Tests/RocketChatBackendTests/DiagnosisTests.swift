import EventLoop
import HTTPClient
import HTTPMessage
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Diagnosis of a Rocket.Chat server")
struct DiagnosisTests {
    private typealias Route = @Sendable (ScriptedHTTPRequest) -> ScriptedHTTPAnswer

    private static let taken = Answer.error(
        "gateway is already in use :( [error-field-unavailable]", "error-field-unavailable")
    private static let well: [String: Route] = [
        "/api/info": { _ in .json(#"{"version":"8.4.1","success":true}"#) },
        "me": { _ in .json(#"{"_id":"svcId","username":"gateway","roles":["admin"],"success":true}"#) },
        "users.create": { _ in taken },
        "users.createToken": { _ in .json(#"{"data":{"userId":"svcId","authToken":"own"},"success":true}"#) },
        "users.info": { _ in Answer.user("ann") }, "logout": { _ in Answer.success },
    ]

    private func run(_ routes: [String: Route] = [:], role: String = "user") async throws -> (
        outcome: RocketChatDiagnosis.Outcome, requests: [ScriptedHTTPRequest]
    ) {
        let routes = Self.well.merging(routes) { $1 }
        let server = try ScriptedHTTPServer { request in
            routes[request.route]?(request) ?? .reply(Array("404".utf8), type: "text/html", status: 404)
        }
        let loops = try RunningLoops()
        var configuration = RocketChatConfiguration(url: server.url, credential: ScriptedRocketChat.token)
        configuration.customerRole = role
        let diagnosis = RocketChatDiagnosis(configuration: configuration, client: HTTPClient(loop: loops.loop))
        return (await diagnosis.run(agents: ["ann"], now: 0), server.requests)
    }

    @Test(
        "a server on which everything is as it must be has no faults, and the role is tried without making an account")
    func well() async throws {
        let (outcome, requests) = try await run(role: "customer")
        #expect(outcome.isSignedIn && !outcome.findings.contains { $0.outcome == .fault }, "\(outcome.findings)")
        let order = try #require(requests.first { $0.route == "users.create" })
        let body = try JSONValue(parsing: order.body)
        #expect(body["roles"]?.array?.compactMap(\.string) == ["customer"])
        #expect(body["username"]?.string == "gateway", "the account's own name, so that none is made")
    }

    @Test("a credential that is refused is the only fault: nothing is said of agents that were not looked at")
    func refusedCredential() async throws {
        let refused: Route = { _ in Answer.unauthorized }
        let (outcome, requests) = try await run(["me": refused, "users.info": refused, "users.create": refused])
        #expect(!outcome.isSignedIn)
        let faults = outcome.findings.filter { $0.outcome == .fault }
        #expect(faults.count == 1 && faults[0].text.contains("does not take the gateway's token"), "\(faults)")
        #expect(!requests.contains { $0.route == "users.info" })
    }

    @Test("an answer that says nothing of an agent is not taken for one that says there is none")
    func unansweredAgent() async throws {
        let (outcome, _) = try await run(["users.info": { _ in Answer.gateway }])
        #expect(!outcome.findings.contains { $0.text.contains("there is no account") })
        #expect(outcome.findings.contains { $0.text.contains("could not be looked at") && $0.outcome == .warning })
        let (absent, _) = try await run(["users.info": { _ in Answer.userNotFound }])
        #expect(absent.findings.contains { $0.text.contains("no account of agent ann") && $0.outcome == .fault })
    }

    @Test("a role that does not exist is a fault of its own, and not a missing right")
    func unknownRole() async throws {
        let answer = Answer.error(
            "The field Roles consist invalid role id custmer [error-action-not-allowed]", "error-action-not-allowed")
        let (outcome, _) = try await run(["users.create": { _ in answer }], role: "custmer")
        let faults = outcome.findings.filter { $0.outcome == .fault }
        #expect(faults.count == 1 && faults[0].text.contains("has no role custmer"), "\(faults)")
        #expect(faults.first?.remedy.contains("chat.customer_role") == true)
    }

    @Test(
        "what keeps the server from being reached has a remedy of its own",
        arguments: [
            (60, "chat.ca_file"), (77, "chat.ca_file names a PEM file"), (35, "begins with http://"),
            (6, "getent hosts chat.example.com"), (7, "firewall"),
        ] as [(Int32, String)])
    func unreachable(code: Int32, remedy: String) async throws {
        let loops = try RunningLoops()
        let configuration = RocketChatConfiguration(
            url: "https://chat.example.com", credential: ScriptedRocketChat.token)
        let diagnosis = RocketChatDiagnosis(configuration: configuration, client: HTTPClient(loop: loops.loop))
        let finding = diagnosis.unreachable(HTTPClientError(code: .connectFailed, message: "x", underlying: code))
        #expect(finding.outcome == .fault && finding.remedy.contains(remedy), "\(finding)")
    }
}
