import Customers
import HTTPMessage

/// Says who calls, from the `Authorization` field: the raw token, or `Bearer ` and the token.
struct Authorization {
    let accessTokens: AccessTokenVerifier
    let customers: any CustomerStore
    let tenants: TenantDirectory

    /// A caller with the tenant that they belong to.
    struct Authorized {
        var caller: Caller
        var tenant: Tenant
    }

    /// The tenant of an access token.
    ///
    /// - Throws: `CustomersError.unauthorized`; `StoreError` when the store cannot be asked.
    func tenant(_ request: HTTPRequest) async throws -> Tenant {
        guard let token = Self.token(request), AccessTokenVerifier.isAccessToken(token) else {
            throw CustomersError.unauthorized
        }
        return try await accessTokens.tenant(of: token)
    }

    /// Whether the call has an access token that was good a moment ago, of a tenant that is still there.
    func isRemembered(_ request: HTTPRequest) -> Bool {
        Self.token(request).map { accessTokens.isRemembered($0) } ?? false
    }

    /// The caller with an access token or a chat token.
    ///
    /// With `closing` a chat token is let through as well that was logged out, to close its room again. It throws
    /// `CustomersError.unauthorized`, and `StoreError` when the store cannot be asked.
    func caller(_ request: HTTPRequest, closing: Bool = false) async throws -> Authorized {
        guard let token = Self.token(request) else { throw CustomersError.unauthorized }
        if AccessTokenVerifier.isAccessToken(token) {
            let tenant = try await accessTokens.tenant(of: token)
            return Authorized(caller: .tenant(tenant.id), tenant: tenant)
        }
        guard let owner = try await customers.owner(ofToken: ChatTokenDigest(token).text), owner.isLive || closing,
            let tenant = tenants[owner.customer.tenant]
        else { throw CustomersError.unauthorized }
        return Authorized(caller: .customer(owner.customer, isLive: owner.isLive), tenant: tenant)
    }

    /// The token as sent; nil when there is none.
    static func token(_ request: HTTPRequest) -> String? {
        guard let field = request.header("authorization") else { return nil }
        let space = UInt8(ascii: " ")
        var text = field.utf8[...]
        if text.prefix(7).elementsEqual("bearer ".utf8, by: { $0 | 0x20 == $1 }) { text = text.dropFirst(7) }
        text = text.drop { $0 == space }
        while text.last == space { text.removeLast() }
        if text.isEmpty { return nil }
        // The raw token is what clients send: it need not be copied.
        return text.count == field.utf8.count ? field : String(Substring(text))
    }
}
