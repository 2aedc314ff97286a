internal import Foundation

/// A private `devchat`, the stand-in chat server, on a free port of 127.0.0.1; gone when the value is released.
public final class DevChatProcess: Sendable {
    /// The password of the account `gateway`.
    public static let gatewayPassword = "e2e-password-of-the-gateway"

    /// The port it took.
    public let port: UInt16
    /// The process.
    public let process: ChildProcess
    private let client: HTTPTestClient

    /// Starts it and returns when it listens.
    ///
    /// - Parameter arguments: beside the address; see `devchat --help`. Without any there is no rate limit.
    /// - Throws: when it does not start.
    public init(arguments: [String] = []) async throws {
        process = try ChildProcess(
            try GatewayExecutables.path(of: "devchat"),
            ["--listen", "127.0.0.1:0", "--rate-limit", "0", "--admin", "gateway:\(Self.gatewayPassword)"] + arguments)
        let line = try await process.waitForLine(containing: "devchat listening on")
        guard let text = line.split(separator: ":").last, let port = UInt16(text) else {
            throw HTTPTestError.malformed("devchat says: \(line)")
        }
        self.port = port
        client = HTTPTestClient(.tcp("127.0.0.1", port))
    }

    /// The server's address as the daemon calls it.
    public var url: String { "http://127.0.0.1:\(port)" }

    // MARK: What tests set up

    /// Adds users; those without a status come and go with their websockets.
    public func addUsers(_ users: [(username: String, status: String)]) async throws -> [HTTPTestJSON] {
        let list = users.map { user -> HTTPTestJSON in
            [
                "username": .string(user.username), "password": "agent-password",
                "email": .string("\(user.username)@example.com"), "status": .string(user.status),
            ]
        }
        return try await control("POST", "users", .array(list))["users"].array
    }

    /// Pins a user's presence: `online`, `away`, `busy` or `offline`.
    public func setPresence(_ username: String, _ status: String) async throws {
        try await control("POST", "presence", ["username": .string(username), "status": .string(status)])
    }

    /// Makes a user's tokens good for nothing.
    public func revokeTokens(of username: String) async throws {
        try await control("POST", "revoke", ["username": .string(username)])
    }

    /// Deletes a user, as an admin does in the chat server.
    public func deleteUser(_ id: String) async throws {
        let admin = try await logIn("gateway", password: Self.gatewayPassword)
        let reply = try await call(
            "POST", "users.delete", as: admin, ["userId": .string(id), "confirmRelinquish": true])
        guard reply.status == 200 else { throw HTTPTestError.malformed("users.delete: \(reply)") }
    }

    /// Arms bad behaviour, such as `["route": "groups.create", "kind": "status", "status": 500, "count": 1]`.
    public func arm(_ fault: HTTPTestJSON) async throws {
        try await control("POST", "fault", fault)
    }

    /// Disarms everything.
    public func disarm() async throws {
        try await control("DELETE", "fault")
    }

    // MARK: What tests look at

    /// Every room with its people.
    public func rooms() async throws -> [HTTPTestJSON] {
        try await control("GET", "rooms")["rooms"].array
    }

    /// Every account.
    public func users() async throws -> [HTTPTestJSON] {
        try await control("GET", "users")["users"].array
    }

    /// A room; nil when there is none.
    public func room(_ rid: String) async throws -> HTTPTestJSON? {
        try await rooms().first { $0["_id"].string == rid }
    }

    /// The user names of a room's members.
    public func members(of rid: String) async throws -> Set<String> {
        Set(try await room(rid)?["members"].array.compactMap(\.string) ?? [])
    }

    /// The number of the latest event, to ask for what comes after.
    public func mark() async throws -> Int {
        try await control("GET", "journal?count=1&after=1000000000")["last"].int ?? 0
    }

    /// What happened after a mark, in order.
    public func events(after mark: Int = 0) async throws -> [HTTPTestJSON] {
        try await control("GET", "journal?after=\(mark)&count=100000")["events"].array
    }

    /// What happened with rooms and the people in them since the start, in order.
    ///
    /// - Throws: when the server has dropped the beginning: then nothing can be proved with the rest.
    public func journal() async throws -> [ChatEvent] {
        struct Page: Decodable {
            var events: [ChatEvent]
            var first: Int
            var next: Int
            var last: Int
        }
        let kinds = ChatEvent.Kind.allCases.map(\.rawValue).joined(separator: ",")
        var events: [ChatEvent] = []
        var after = 0
        while true {
            let reply = try await ask("GET", "journal?after=\(after)&count=20000&kinds=\(kinds)")
            let page = try JSONDecoder().decode(Page.self, from: Data(reply.body))
            guard page.first == 1 else {
                throw HTTPTestError.malformed("the journal is not complete; see devchat --journal-limit")
            }
            events += page.events
            after = page.next
            if page.next >= page.last { return events }
        }
    }

    /// The REST calls after a mark, each as `METHOD route`.
    public func calls(after mark: Int) async throws -> [String] {
        try await events(after: mark).filter { $0["kind"] == "request" }.map { event in
            let path = event["path"].string ?? ""
            return "\(event["method"].string ?? "") \(path.hasPrefix("/api/v1/") ? String(path.dropFirst(8)) : path)"
        }
    }

    /// The most calls that were under way at once.
    public func peakInFlight() async throws -> Int {
        try await control("GET", "calls")["peakInFlight"].int ?? 0
    }

    /// The calls that are under way now.
    public func callsInFlight() async throws -> Int {
        try await control("GET", "calls")["inFlight"].int ?? 0
    }

    /// Counts calls, and the most that were under way at once, from now on.
    public func forgetCalls() async throws {
        try await control("DELETE", "calls")
    }

    // MARK: In a user's name

    /// Signs a user in and returns their token.
    public func logIn(_ username: String, password: String = "agent-password") async throws -> (
        id: String, token: String
    ) {
        let body: HTTPTestJSON = ["user": .string(username), "password": .string(password)]
        let reply = try await client.send(.json("/api/v1/login", "\(body)"))
        guard let id = try reply.json["data"]["userId"].string, let token = try reply.json["data"]["authToken"].string
        else { throw HTTPTestError.malformed("login: \(reply)") }
        return (id, token)
    }

    /// Calls a route of the REST interface and returns status and body.
    public func call(
        _ method: String, _ route: String, as user: (id: String, token: String), _ body: HTTPTestJSON? = nil
    ) async throws -> HTTPTestReply {
        var request = HTTPTestRequest(
            method, "/api/v1/\(route)",
            headers: [("X-User-Id", user.id), ("X-Auth-Token", user.token), ("Content-Type", "application/json")])
        request.body = body.map { Array("\($0)".utf8) }
        return try await client.send(request)
    }

    @discardableResult
    private func control(_ method: String, _ path: String, _ body: HTTPTestJSON? = nil) async throws -> HTTPTestJSON {
        try await ask(method, path, body).json
    }

    private func ask(_ method: String, _ path: String, _ body: HTTPTestJSON? = nil) async throws -> HTTPTestReply {
        var request = HTTPTestRequest(method, "/_devchat/\(path)")
        request.body = body.map { Array("\($0)".utf8) }
        let reply = try await client.send(request)
        guard reply.status == 200 else { throw HTTPTestError.malformed("/_devchat/\(path): \(reply)") }
        return reply
    }
}
