import ChatBackend
import EventLoop
import HTTPClient
import Logging
import Synchronization
import TestSupport

@testable import RocketChatBackend

/// An adapter on a loop of its own before a server that gives scripted answers, with clocks that can be turned.
final class ScriptedRocketChat: Sendable {
    /// An answer for the how manyeth call of its route, counted from 0.
    typealias Route = @Sendable (ScriptedHTTPRequest, Int) -> ScriptedHTTPAnswer

    let server: ScriptedHTTPServer
    let backend: RocketChatBackend
    private let loops: RunningLoops
    private let turned: Turned

    private final class Turned: Sendable {
        let milliseconds = Mutex<Int64>(0)
    }

    static let token = RocketChatCredential.personalAccessToken(userID: "svcId", token: "svcToken")
    static let password = RocketChatCredential.password(username: "svc", password: "svcPassword")
    static let wall: Int64 = 1_748_965_000_000

    init(
        _ routes: [String: Route], credential: RocketChatCredential = token,
        logger: Logger = Logger(label: "test"), heldPages: Int = 64 * 1_024 * 1_024,
        _ change: (inout RocketChatConfiguration) -> Void = { _ in }
    ) throws {
        let counts = Counts()
        server = try ScriptedHTTPServer { request in
            let number = counts.next(request.route)
            return routes[request.route]?(request, number)
                ?? .reply(Array("<html>404".utf8), type: "text/html", status: 404)
        }
        loops = try RunningLoops()
        var configuration = RocketChatConfiguration(url: server.url + "/", credential: credential)
        // The tests' own threads may be busy for a while; on a loop nothing is.
        configuration.deadline *= TestPatience.factor
        configuration.healthDeadline = configuration.deadline
        change(&configuration)
        let turned = Turned()
        self.turned = turned
        let clock = RocketChatClock(
            uptime: { RocketChatClock.system.uptime() + turned.milliseconds.withLock { $0 } }, wall: { Self.wall })
        backend = RocketChatBackend(
            configuration: configuration, client: HTTPClient(loop: loops.loop), logger: logger,
            clock: clock, heldPages: ReplyBudget(limit: heldPages))
    }

    /// Lets time pass.
    func turn(seconds: Int64) { turned.milliseconds.withLock { $0 += seconds * 1_000 } }

    /// The routes called so far, in order.
    var routes: [String] { server.requests.map(\.route) }

    private final class Counts: Sendable {
        private let counts = Mutex<[String: Int]>([:])
        func next(_ route: String) -> Int {
            counts.withLock { counts in
                defer { counts[route, default: 0] += 1 }
                return counts[route] ?? 0
            }
        }
    }
}

/// Answers as the contract sheet has them.
enum Answer {
    static let success = ScriptedHTTPAnswer.json(#"{"success":true}"#)
    static let unauthorized = ScriptedHTTPAnswer.json(
        #"{"success":false,"error":"You must be logged in to do this.","#
            + #""status":"error","message":"You must be logged in to do this."}"#,
        status: 401)
    static let limited = ScriptedHTTPAnswer.json(
        #"{"success":false,"error":"Error, too many requests. Please slow down. "#
            + #"You must wait 42 seconds before trying this endpoint again. [error-too-many-requests]"}"#,
        status: 429)
    static let gateway = ScriptedHTTPAnswer.reply(
        Array("<html><title>502 Bad Gateway</title></html>".utf8), type: "text/html", status: 502)

    static func error(_ text: String, _ type: String? = nil, details: String? = nil, status: Int = 400)
        -> ScriptedHTTPAnswer
    {
        let errorType = type.map { #","errorType":"\#($0)""# } ?? ""
        let details = details.map { #","details":\#($0)"# } ?? ""
        return .json(#"{"success":false,"error":"\#(text)"\#(errorType)\#(details)}"#, status: status)
    }

    static func user(
        _ username: String = "cust-42", id: String = "BsNr28znDkG8aeo7W", type: String = "user", active: Bool = true,
        roles: String = #"["user"]"#
    ) -> ScriptedHTTPAnswer {
        .json(
            #"{"user":{"_id":"\#(id)","username":"\#(username)","name":"Customer 42","#
                + #""status":"offline","active":\#(active),"type":"\#(type)","utcOffset":8,"#
                + #""roles":\#(roles),"canViewAllInfo":true},"success":true}"#
        )
    }

    static func login(
        _ token: String = "9HqLlyZOugoStsXCUfD_0YdwnNnunAJF8V47U3QHXSq", userID: String = "svcId"
    ) -> ScriptedHTTPAnswer {
        .json(
            #"{"status":"success","data":{"userId":"\#(userID)","authToken":"\#(token)","#
                + #""me":{"_id":"\#(userID)","username":"svc"}},"success":true}"#
        )
    }

    static let userNotFound = error("User not found.")
    static let roomNotFound = error(
        #"The required \"roomId\" or \"roomName\" param provided does not match any group [error-room-not-found]"#,
        "error-room-not-found")
}

/// What a call throws; nil when it does not.
func failure<Value>(_ body: () async throws(ChatBackendError) -> Value) async -> ChatBackendError? {
    do throws(ChatBackendError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

let customer = ChatAccount(id: "BsNr28znDkG8aeo7W", username: "cust-42", name: "Customer 42")
let credential = CustomerCredential(userID: "BsNr28znDkG8aeo7W", token: "customerToken")
let agent = AgentPresence(id: "agentId", username: "agent.a", status: .online)
