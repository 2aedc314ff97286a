import TestSupport
import Testing

/// An operation with effects, of one customer, that is cut short.
struct DoomedCall: Sendable {
    /// Which operation.
    enum Operation: String, CaseIterable {
        case connect
        case start
        case startWaiting
        case transfer
        case transferDirect
        case close
        case closeDirect

        /// Whether the room is gone when all is done.
        var closes: Bool { self == .close || self == .closeDirect }
        /// How the same call again may be answered.
        var answers: Set<Int> {
            // A direct room that was moved is found by `connect`.
            self == .transferDirect ? [200, 404] : [200]
        }
    }

    let operation: Operation
    let path: String
    let fields: [(String, String)]
    let token: String
    let name: String

    /// Prepares it: what it is about is there.
    init(_ operation: Operation, of tenant: TestTenant, accessToken: String) async throws {
        let name = someName("c")
        (self.operation, self.name) = (operation, name)
        switch operation {
        case .connect:
            (path, fields, token) = ("/customers/connect", [("name", name)], accessToken)
        case .start, .startWaiting:
            (path, fields, token) = ("/customers/client_connect", [("api_key", tenant.id), ("name", name)], "")
        case .transfer, .close:
            let session = try success(try await Self.insisting { try await tenant.clientConnect([("name", name)]) })
            token = session["token"].string ?? ""
            let room = ("group_id", session["rid"].string ?? "")
            path = operation == .close ? "/customers/shutdown_service" : "/customers/Transfer"
            fields = operation == .close ? [room] : [room, ("department_id", tenant.department(1))]
        case .transferDirect, .closeDirect:
            let session = try success(
                try await Self.insisting { try await tenant.connect(name, token: accessToken) })
            token = session["token"].string ?? ""
            fields = [("group_id", session["rid"].string ?? "")]
            path = operation == .closeDirect ? "/customers/shutdown_service" : "/customers/Transfer"
        }
    }

    /// A call about a room that is not there.
    init(closing rid: String, token: String) {
        (operation, path, fields) = (.close, "/customers/shutdown_service", [("group_id", rid)])
        (self.token, name) = (token, "")
    }

    /// A tenant for it, with names that no other test has.
    static func tenant(for operation: Operation) -> GatewayTenantPlan {
        let status = operation == .startWaiting ? "offline" : "online"
        return GatewayTenantPlan(departments: [
            .init(someName("here"), isDefault: true, agents: [.init(status: status), .init(status: status)]),
            .init(someName("there"), agents: [.init(status: status), .init(status: status)]),
        ])
    }

    /// The same call again, through nginx, and again while the answer is "not now".
    func again(_ client: HTTPTestClient) async throws -> HTTPTestReply {
        try await Self.insisting {
            try await client.send(.form(path, fields).with("Authorization", token.isEmpty ? nil : token))
        }
    }

    private static func insisting(_ call: () async throws -> HTTPTestReply) async throws -> HTTPTestReply {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let reply = try await call()
            guard reply.status == 503, ContinuousClock.now < deadline else { return reply }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
