import ChatBackend
import EventLoop
import HTTPClient
import HTTPMessage
import RocketChatBackend
import Synchronization
import TestSupport

@testable import DevChatServer

/// The stand-in server in this process, and the Rocket.Chat adapter before it on a loop of its own.
final class DevChatWorld: ChatBackendContractWorld {
    let rocketChat: RocketChatBackend
    let server: ChatServer
    let url: String
    let agents = ["agent.a", "agent.b", "agent.c"]
    let serviceUsername = "gateway"

    private let loops: RunningLoops
    private let client: HTTPClient
    private let listening: Task<Void, Never>
    private let stopped: Clock

    private final class Clock: Sendable {
        let stoppedAt = Mutex<Timestamp?>(nil)
        var now: Timestamp { stoppedAt.withLock { $0 } ?? .now }
    }

    /// Starts the server without a rate limit and with the world's agents; the adapter signs in with the password.
    init(
        band: VersionBand = .eight, _ change: (inout ServerOptions) -> Void = { _ in },
        configure: (inout RocketChatConfiguration) -> Void = { _ in }
    ) async throws {
        var options = ServerOptions()
        options.band = band
        options.rateLimit = 0
        for (username, status) in zip(agents, ["online", "busy", "offline"]) {
            options.users.append(SeedUser(username: username, password: "agent", status: status))
        }
        change(&options)
        let clock = Clock()
        stopped = clock
        server = ChatServer(options: options, clock: { clock.now })
        let listener = try ChatListener(server)
        listening = Task { try? await listener.run() }
        url = try await listener.url()
        loops = try RunningLoops()
        client = HTTPClient(loop: loops.loop)
        var configuration = RocketChatConfiguration(
            url: url, credential: .password(username: "gateway", password: "gateway"))
        // The stand-in shares its threads with all other tests; only what never answers may take long.
        configuration.deadline *= TestPatience.factor
        configuration.healthDeadline = configuration.deadline
        configure(&configuration)
        rocketChat = RocketChatBackend(configuration: configuration, client: client)
    }

    deinit { listening.cancel() }

    var backend: any ChatBackend { rocketChat }

    func stopClock(_ isStopped: Bool) async {
        stopped.stoppedAt.withLock { $0 = isStopped ? $0 ?? .now : nil }
    }

    struct NotWritten: Error {
        var status: Int
    }

    func write(_ text: String, in rid: String, as author: CustomerCredential) async throws {
        let body: JSONValue = ["roomId": .string(rid), "text": .string(text)]
        let reply = try await client.send(
            HTTPClientRequest(
                method: .post, url: url + "/api/v1/chat.postMessage",
                headers: [
                    ("X-Auth-Token", author.token), ("X-User-Id", author.userID), ("Content-Type", "application/json"),
                ], body: body.serialized()))
        guard reply.status == 200 else { throw NotWritten(status: reply.status) }
    }

    /// Arms bad behaviour.
    func arm(_ route: String, _ kind: Fault.Kind, milliseconds: Int? = nil, count: Int? = 1) {
        server.withWorld {
            $0.faults.arm(Fault(route: route, kind: kind, milliseconds: milliseconds, count: count))
        }
    }
}
