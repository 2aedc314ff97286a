public import ChatBackend
public import Logging

/// What the operations of the domain work with. One a loop; the parts are pinned to it or free of state.
///
/// A reference: each operation takes its services along, and those that wait for the chat server keep theirs in memory,
/// by the thousand.
public final class Services: Sendable {
    /// The chat server.
    public let chat: any ChatBackend
    /// Customers and their tokens.
    public let customers: any CustomerStore
    /// Rooms, loads and queues.
    public let rooms: any RoomSessionStore
    /// What is known of the agents.
    public let agents: AgentBoard
    /// Who of the agents is away, and since when.
    public let absences: any AbsenceStore
    /// Counts calls.
    public let limiter: any RateLimiter
    /// How often one address may call `client_connect`; nil for no limit.
    public let limitPerAddress: RateLimit?
    /// How often a tenant's customers may call `client_connect`; nil for no limit.
    public let limitPerTenant: RateLimit?
    /// How often a customer who proves to be one may call `client_connect`; nil for no limit.
    public let limitPerCustomer: RateLimit?
    /// How often a room may be transferred; nil for no limit.
    public let limitPerTransfer: RateLimit?
    /// Keeps work with the chat server within bounds; nil for no bounds.
    public let overload: Overload?
    /// Names of accounts and groups.
    public let naming: AccountNaming
    /// Seals chat tokens.
    public let seal: TokenSeal
    /// Unix milliseconds.
    public let now: @Sendable () -> Int64
    /// A clock that nobody sets.
    public let uptime: @Sendable () -> ContinuousClock.Instant
    /// Waits without a thread.
    public let sleep: @Sendable (Duration) async throws -> Void
    /// Waits beside the work of a call, until that is done.
    public let pause: @Sendable (Duration) async throws -> Void
    /// Where events go.
    public let logger: Logger
    /// Where events are counted.
    public let tally: @Sendable (DomainEvent) -> Void

    /// Puts the parts together.
    public init(
        chat: any ChatBackend, customers: any CustomerStore, rooms: any RoomSessionStore, agents: AgentBoard,
        absences: any AbsenceStore, limiter: any RateLimiter, limitPerAddress: RateLimit?, limitPerTenant: RateLimit?,
        limitPerCustomer: RateLimit? = nil, limitPerTransfer: RateLimit? = nil, overload: Overload? = nil,
        naming: AccountNaming,
        seal: TokenSeal, now: @escaping @Sendable () -> Int64,
        uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }, logger: Logger,
        tally: @escaping @Sendable (DomainEvent) -> Void = { _ in }
    ) {
        self.chat = chat
        self.customers = customers
        self.rooms = rooms
        self.agents = agents
        self.absences = absences
        self.limiter = limiter
        self.limitPerAddress = limitPerAddress
        self.limitPerTenant = limitPerTenant
        self.limitPerCustomer = limitPerCustomer
        self.limitPerTransfer = limitPerTransfer
        self.overload = overload
        self.naming = naming
        self.seal = seal
        self.now = now
        self.uptime = uptime
        self.sleep = sleep
        self.pause = pause
        self.logger = logger
        self.tally = tally
    }
}
