import Customers
import HTTPMessage

/// `POST /customers/Transfer`: another agent, another department, or both.
struct Transfer {
    let authorization: Authorization
    let crossOrigin: CrossOrigin
    let transfer: TransferSession
    let idempotency: Idempotency
    let base: String

    func callAsFunction(_ request: HTTPRequest) async throws -> HTTPResponse {
        let authorized = try await authorization.caller(request)
        try crossOrigin.check(request, tenant: authorized.tenant)
        var parameters = try Parameters(request)
        let rid = parameters.room("group_id")
        let departmentID = parameters.department("department_id")
        let agentID = parameters.text("agent_id")
        try parameters.check()
        let target: TransferSession.Target
        switch (agentID, departmentID) {
        case (let agentID?, _): target = .agent(agentID, in: departmentID)
        case (nil, let departmentID?): target = .department(departmentID)
        case (nil, nil): target = .anotherAgent
        }
        let call = Idempotency.Call(
            request: request, route: "transfer", tenant: authorized.tenant.id, parameters: parameters)
        return try await idempotency(call) {
            Idempotency.Caller(authorized.caller)
        } work: { _ in
            .session(
                try await transfer(tenant: authorized.tenant, caller: authorized.caller, rid: rid, to: target),
                base: base)
        }
    }
}
