/// One gateway's turn to sweep a tenant, and what is due.
public struct SweepTurn: Sendable {
    /// The tenant.
    public var tenant: TenantID
    /// Tells this turn's lease from any other's.
    public var fence: String
    /// The rooms that are due, unfinished closes first, within a rule the oldest first.
    public var due: [Room]

    /// A room that is due.
    public struct Room: Sendable, Hashable {
        /// The room id; for ``SweepRule/opening`` the customer's hash.
        public var rid: String
        /// Why.
        public var rule: SweepRule
        /// How often it has failed since somebody was there.
        public var failures: Int

        /// Makes a room.
        public init(rid: String, rule: SweepRule, failures: Int) {
            self.rid = rid
            self.rule = rule
            self.failures = failures
        }
    }

    /// Makes a turn.
    public init(tenant: TenantID, fence: String, due: [Room]) {
        self.tenant = tenant
        self.fence = fence
        self.due = due
    }
}
