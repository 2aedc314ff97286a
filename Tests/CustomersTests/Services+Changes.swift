import Customers

extension Services {
    /// The same with something else in places, for a test.
    func with(
        limitPerTenant: RateLimit? = nil, limitPerCustomer: RateLimit? = nil, limitPerTransfer: RateLimit? = nil,
        overload: Overload? = nil, pause: (@Sendable (Duration) async throws -> Void)? = nil
    ) -> Services {
        Services(
            chat: chat, customers: customers, rooms: rooms, agents: agents, absences: absences, limiter: limiter,
            limitPerAddress: limitPerAddress, limitPerTenant: limitPerTenant ?? self.limitPerTenant,
            limitPerCustomer: limitPerCustomer ?? self.limitPerCustomer,
            limitPerTransfer: limitPerTransfer ?? self.limitPerTransfer, overload: overload ?? self.overload,
            naming: naming, seal: seal, now: now, sleep: sleep, pause: pause ?? self.pause, logger: logger,
            tally: tally)
    }
}
