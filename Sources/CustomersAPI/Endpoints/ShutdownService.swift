import Customers
import HTTPMessage

/// `POST /customers/shutdown_service`: the customer's problem is solved, the room is closed.
struct ShutdownService {
    let authorization: Authorization
    let crossOrigin: CrossOrigin
    let close: CloseSession
    let idempotency: Idempotency

    func callAsFunction(_ request: HTTPRequest) async throws -> HTTPResponse {
        let authorized = try await authorization.caller(request, closing: true)
        try crossOrigin.check(request, tenant: authorized.tenant)
        var parameters = try Parameters(request)
        let rid = parameters.room("group_id")
        try parameters.check()
        let call = Idempotency.Call(
            request: request, route: "shutdown_service", tenant: authorized.tenant.id, parameters: parameters)
        return try await idempotency(call) {
            Idempotency.Caller(authorized.caller)
        } work: { _ in
            try await close(tenant: authorized.tenant, caller: authorized.caller, rid: rid)
            return .json(["status": "success"])
        }
    }
}
