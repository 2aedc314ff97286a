internal import Customers

/// What a reload brings.
struct Reloaded: Sendable {
    /// The tenants as the files say now.
    var tenants: [Tenant]
    /// The keys that have changed and that only a restart takes.
    var waiting: [String]
}
