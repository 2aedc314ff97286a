import Customers
import HTTPMessage

/// `GET, POST /managers/access_token`: a tenant's server signs for an access token.
struct AccessToken {
    let tenants: TenantDirectory
    let crossOrigin: CrossOrigin
    let issuer: AccessTokenIssuer
    let idempotency: Idempotency
    /// Unix milliseconds.
    let now: @Sendable () -> Int64

    func callAsFunction(_ request: HTTPRequest) async throws -> HTTPResponse {
        var parameters = try Parameters(request)
        let apiKey = parameters.required("apiKey")
        let signature = parameters.required("signature")
        let timestamp = parameters.text("timestamp")
        try parameters.check()
        guard let id = TenantID(apiKey), let tenant = tenants[id] else { throw APIError.apiKeyWrong }
        try crossOrigin.check(request, tenant: tenant)
        guard timestamp != nil || !tenant.requiresTimestamp,
            RequestSignature(apiKey: apiKey, signature: signature, timestamp: timestamp)
                .isValid(secret: tenant.secretKey, now: now() / 1_000)
        else { throw CustomersError.unauthorized }
        let answer: () async throws -> HTTPResponse = {
            .json([
                "access_token": .string(try await issuer.issue(for: id)), "time": .int(Int64(issuer.lifetime)),
            ])
        }
        // A GET is nobody's to repeat or not.
        guard request.method == "POST" else { return try await answer() }
        let call = Idempotency.Call(
            request: request, route: "access_token", tenant: id, parameters: parameters,
            proofs: ["signature", "timestamp"], lifetime: min(Idempotency.lifetime, issuer.lifetime))
        return try await idempotency(call) {
            .tenant
        } work: { _ in
            try await answer()
        }
    }
}
