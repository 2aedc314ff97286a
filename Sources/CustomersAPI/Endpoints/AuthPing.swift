import Customers
import HTTPMessage

/// `GET /customers/auth_ping`: says whether an access token is good.
struct AuthPing {
    let authorization: Authorization
    let crossOrigin: CrossOrigin

    static let path = "/customers/auth_ping"
    private static let pong = Array(#""pong""#.utf8)

    func callAsFunction(_ request: HTTPRequest) async throws -> HTTPResponse {
        let tenant = try await authorization.tenant(request)
        try crossOrigin.check(request, tenant: tenant)
        return Self.response
    }

    /// The answer to a token that was good a moment ago; nil when the store has to be asked, or the answer may be no.
    func remembered(_ request: HTTPRequest) -> HTTPResponse? {
        // A page's call needs the tenant's allow-list as well.
        request.header("origin") == nil && authorization.isRemembered(request) ? Self.response : nil
    }

    private static var response: HTTPResponse {
        HTTPResponse(status: 200, headers: [(.contentType, "application/json")], body: Self.pong)
    }
}
