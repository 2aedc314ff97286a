import ChatBackend
import Customers
import HTTPMessage

/// `POST /customers/connect`: the tenant's server gets a customer's account and a direct room with an agent.
struct Connect {
    let authorization: Authorization
    let crossOrigin: CrossOrigin
    let connect: ConnectDirectly
    let idempotency: Idempotency
    let base: String

    func callAsFunction(_ request: HTTPRequest) async throws -> HTTPResponse {
        let tenant = try await authorization.tenant(request)
        try crossOrigin.check(request, tenant: tenant)
        var parameters = try Parameters(request)
        let name = parameters.required("name")
        try parameters.check()
        let call = Idempotency.Call(request: request, route: "connect", tenant: tenant.id, parameters: parameters)
        return try await idempotency(call) {
            .tenant
        } work: { _ in
            body(try await connect(tenant: tenant, name: name))
        }
    }

    private func body(_ answer: SessionAnswer) -> HTTPResponse {
        .json([
            "base": .string(base), "config": .raw(answer.settings.config),
            "im": [
                "_id": .string(answer.account.id), "type": .string(answer.account.type),
                "status": .string(answer.account.status), "active": .bool(answer.account.isActive),
                "name": .string(answer.account.name), "utcOffset": .number(answer.account.utcOffset),
                "username": .string(answer.account.username),
            ],
            "rid": .string(answer.session.rid), "token": .string(answer.token),
            "state": .string(answer.session.state.rawValue), "agent_id": .string(answer.agentID),
            "user_id": .string(answer.userID), "wait": .int(Int64(answer.wait)),
            "wait_seconds": .seconds(answer.waitSeconds),
            "timeout": .int(Int64(answer.settings.timeout)), "template": .string(answer.settings.template),
        ])
    }
}

extension JSONValue {
    /// A number as short as it can be written: `8`, `5.5`.
    static func number(_ value: Double) -> JSONValue {
        Int64(exactly: value).map { .int($0) } ?? .double(value)
    }
}
