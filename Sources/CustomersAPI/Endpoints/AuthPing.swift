import Customers
import HTTPMessage

/// `GET /customers/auth_ping`: says whether an access token is good.
struct AuthPing {
    let authorization: Authorization
    let crossOrigin: CrossOrigin

    private static let pong = Array(#""pong""#.utf8)

    func callAsFunction(_ request: HTTPRequest) async throws -> HTTPResponse {
        let tenant = try await authorization.tenant(request)
        try crossOrigin.check(request, tenant: tenant)
        return HTTPResponse(status: 200, headers: [(.contentType, "application/json")], body: Self.pong)
    }
}
