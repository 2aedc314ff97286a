import Customers

extension Services {
    /// The same with something else in places, for a test.
    func with(
        limitPerTenant: RateLimit? = nil, limitPerCustomer: RateLimit? = nil, limitPerTransfer: RateLimit? = nil,
        overload: Overload? = nil, serverKey: [UInt8]? = nil,
        pause: (@Sendable (Duration) async throws -> Void)? = nil
    ) -> Services {
        Services(
            chat: chat, customers: customers, rooms: rooms, agents: agents, absences: absences, limiter: limiter,
            limitPerAddress: limitPerAddress, limitPerTenant: limitPerTenant ?? self.limitPerTenant,
            limitPerCustomer: limitPerCustomer ?? self.limitPerCustomer,
            limitPerTransfer: limitPerTransfer ?? self.limitPerTransfer, overload: overload ?? self.overload,
            naming: serverKey.map { AccountNaming(key: $0, mode: .derived, emailDomain: "customers.invalid") }
                ?? naming,
            seal: serverKey.map { TokenSeal(key: $0) } ?? seal, now: now, uptime: uptime, sleep: sleep,
            pause: pause ?? self.pause, logger: logger,
            tally: tally)
    }
}
