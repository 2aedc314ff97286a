import Synchronization
import Testing

@testable import DevChatServer

/// A server without sockets, a clock that moves only when told, and people to act as.
final class ChatFixture: Sendable {
    /// Somebody signed in.
    struct Person: Sendable {
        var id: String
        var username: String
        var token: String
    }

    let server: ChatServer
    let clock: Clock

    init(band: VersionBand = .eight, _ adjust: (inout ServerOptions) -> Void = { _ in }) {
        var options = ServerOptions()
        options.band = band
        options.users = [
            .serviceAccount(), SeedUser(username: "agent.a", password: "pw-a", email: "a@x.tld"),
            SeedUser(username: "agent.b", password: "pw-b", email: "b@x.tld"),
            SeedUser(username: "cust", name: "Customer 42", password: "pw-c", email: "c@x.tld"),
            SeedUser(username: "boss", password: "pw-boss", roles: ["admin"]),
        ]
        adjust(&options)
        let time = Clock()
        clock = time
        server = ChatServer(options: options, clock: { time.now })
    }

    /// The hand-moved clock.
    final class Clock: Sendable {
        private let milliseconds = Mutex(1_793_500_000_000)

        var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }

        func advance(_ step: Int) { milliseconds.withLock { $0 += step } }
    }

    /// Signs in as a seeded person, without counting against the limiter.
    func person(_ username: String = "gateway") throws -> Person {
        let person = server.withWorld { world in
            world.user(named: username).map {
                Person(id: $0.id, username: $0.username, token: world.mintToken(for: $0.id))
            }
        }
        return try #require(person)
    }

    func get(_ target: String, as person: Person? = nil, headers: [String: String] = [:]) async -> ChatReply {
        await send("GET", target, nil, as: person, headers: headers)
    }

    func post(
        _ target: String, _ body: JSON = [:], as person: Person? = nil, headers: [String: String] = [:]
    ) async -> ChatReply {
        await send("POST", target, body, as: person, headers: headers)
    }

    func send(
        _ method: String, _ target: String, _ body: JSON?, as person: Person?, headers: [String: String] = [:],
        from address: String = "127.0.0.1"
    ) async -> ChatReply {
        var headers = headers
        if let person {
            headers["X-Auth-Token"] = person.token
            headers["X-User-Id"] = person.id
        }
        if body != nil { headers["Content-Type"] = "application/json" }
        let path = target.hasPrefix("/") ? target : "/api/v1/" + target
        return await server.answer(
            ChatRequest(method, path, headers: headers, body: body?.bytes ?? [], clientAddress: address))
    }

    /// A group with these members, made by the service account unless another creator is given.
    func group(_ name: String, _ members: [String] = [], by creator: Person) async throws -> String {
        let reply = await post(
            "groups.create", ["name": .string(name), "members": .array(members.map(JSON.string))], as: creator)
        guard let id = reply.json?["group"]?["_id"]?.text else { throw ChatError.plain("no group: \(reply.status)") }
        return id
    }

    /// What the journal has of one kind, oldest first.
    func journal(_ kind: String) -> [JSON] {
        server.withWorld { world in
            world.journal.entries(after: 0, count: .max).map(\.json).filter { $0["kind"]?.text == kind }
        }
    }
}

extension ChatReply {
    /// `errorType`, which not every refusal has.
    var errorType: String? { json?["errorType"]?.text }

    /// `error`, when it is a text.
    var error: String? { json?["error"]?.text }
}
