internal import Crypto

/// Who a customer is within a tenant: how far the name is believed, and the name.
///
/// A name that the tenant vouched for and the same name claimed by anybody are two customers, always: the key, and with
/// it the account, the `user_id` and everything stored, differ (DESIGN.md section 2, client_connect).
public struct CustomerKey: Hashable, Sendable {
    /// How far the name is believed.
    public enum Trust: String, Sendable {
        /// A name of our making; only the chat token opens it again.
        case guest
        /// A name that anybody may give.
        case claimed
        /// A name that the tenant's server gave (`connect`) or signed (`user_hash`).
        case verified
    }

    /// The tenant.
    public let tenant: TenantID
    /// How far the name is believed.
    public let trust: Trust
    /// The name.
    public let name: CustomerName
    /// 128 bits of SHA-256 over all of it, in hex: the name under which the customer is stored.
    public let hash: String

    /// Makes the key.
    public init(tenant: TenantID, trust: Trust, name: CustomerName) {
        self.tenant = tenant
        self.trust = trust
        self.name = name
        let text = "\(tenant.text)\u{0}\(trust.rawValue)\u{0}\(name.text)"
        hash = SHA256.hash(data: Array(text.utf8)).prefix(16).hex
    }

    /// Our UUID for the customer, for life: nothing but tenant and customer goes into it.
    public var userID: String {
        UUIDText.derived(namespace: tenant, name: "\(trust.rawValue)\u{0}\(name.text)")
    }
}
