import Customers
import HTTPMessage

/// Lets the pages of a tenant's own sites call, and no others (the Fetch standard's CORS protocol).
struct CrossOrigin {
    let tenants: TenantDirectory

    /// Stops a call that a page of another site makes, before it has any effect. A call without `Origin` is no page's.
    ///
    /// - Throws: ``APIError/originNotAllowed``.
    func check(_ request: HTTPRequest, tenant: Tenant) throws {
        guard let origin = request.header("origin") else { return }
        guard tenant.origins.contains(origin) else { throw APIError.originNotAllowed }
    }

    /// The answer to a preflight; it names no tenant, so any tenant's sites are let through.
    func preflight(_ request: HTTPRequest, methods: [String]) -> HTTPResponse {
        let allowed = (methods + ["OPTIONS"]).joined(separator: ", ")
        guard let origin = request.header("origin") else {
            return HTTPResponse(status: 204, headers: [(.allow, allowed)])
        }
        guard tenants.allows(origin: origin) else { return APIError.originNotAllowed.response(request) }
        return HTTPResponse(
            status: 204,
            headers: [
                (.accessControlAllowOrigin, origin), (.vary, "Origin"), (.accessControlAllowMethods, allowed),
                (.accessControlAllowHeaders, "Authorization, Content-Type, Idempotency-Key"),
                (.accessControlMaxAge, "600"), (.allow, allowed),
            ])
    }

    /// Marks an answer as readable by the page that asked, if a tenant's list has its site.
    func mark(_ response: inout HTTPResponse, for request: HTTPRequest) {
        let origin = request.header("origin")
        // What may be kept is kept for pages as well.
        if origin != nil || response[.cacheControl] != nil { response.headers.append((.vary, "Origin")) }
        guard let origin, tenants.allows(origin: origin) else { return }
        response.headers.append((.accessControlAllowOrigin, origin))
        response.headers.append((.accessControlExposeHeaders, "Idempotency-Replayed, Retry-After, X-Request-Id"))
    }
}
