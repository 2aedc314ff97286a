import Customers
import HTTPMessage

/// `POST /customers/client_connect`: anybody with a tenant's public key starts or resumes a room with a department.
struct ClientConnect {
    let tenants: TenantDirectory
    let crossOrigin: CrossOrigin
    let start: StartSession
    let idempotency: Idempotency
    let base: String

    func callAsFunction(_ request: HTTPRequest) async throws -> HTTPResponse {
        var parameters = try Parameters(request)
        let apiKey = parameters.required("api_key")
        let departmentID = parameters.department("department_id")
        let claim = IdentityClaim(
            name: parameters.text("name"), userHash: parameters.text("user_hash"), timestamp: parameters.text("ts"))
        let groupID = parameters.text("group_id")
        let id = TenantID(apiKey)
        if id == nil, !apiKey.isEmpty { parameters.reject("api_key", "not a UUID") }
        try parameters.check()
        guard let id, let tenant = tenants[id] else { throw CustomersError.unauthorized }
        try crossOrigin.check(request, tenant: tenant)
        let department = departmentID.map { tenant.department($0) } ?? tenant.defaultDepartment
        guard let department else { throw CustomersError.notFound }
        var wish = StartSession.Request(
            tenant: tenant, department: department, claim: claim, chatToken: Authorization.token(request),
            groupID: groupID, address: request.remoteAddress)
        let call = Idempotency.Call(
            request: request, route: "client_connect", tenant: id, parameters: parameters, proofs: ["user_hash", "ts"])
        return try await idempotency(call) {
            try await start.proof(of: wish).map { .customer($0.hash) } ?? .address(request.remoteAddress)
        } work: { seed in
            wish.guestSeed = seed
            return .session(try await start(wish), base: base)
        }
    }
}
