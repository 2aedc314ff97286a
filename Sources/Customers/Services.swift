public import ChatBackend
public import Logging

/// What the operations of the domain work with. One a loop; the parts are pinned to it or free of state.
public struct Services: Sendable {
    /// The chat server.
    public var chat: any ChatBackend
    /// Customers and their tokens.
    public var customers: any CustomerStore
    /// Rooms, loads and queues.
    public var rooms: any RoomSessionStore
    /// What is known of the agents.
    public var agents: AgentBoard
    /// Who of the agents is away, and since when.
    public var absences: any AbsenceStore
    /// Counts calls.
    public var limiter: any RateLimiter
    /// How often one address may call `client_connect`; nil for no limit.
    public var limitPerAddress: RateLimit?
    /// How often a tenant's customers may call `client_connect`; nil for no limit.
    public var limitPerTenant: RateLimit?
    /// How often a customer who proves to be one may call `client_connect`; nil for no limit.
    public var limitPerCustomer: RateLimit?
    /// How often a room may be transferred; nil for no limit.
    public var limitPerTransfer: RateLimit?
    /// Keeps work with the chat server within bounds; nil for no bounds.
    public var overload: Overload?
    /// Names of accounts and groups.
    public var naming: AccountNaming
    /// Seals chat tokens.
    public var seal: TokenSeal
    /// Unix milliseconds.
    public var now: @Sendable () -> Int64
    /// Waits without a thread.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// Waits beside the work of a call, until that is done.
    public var pause: @Sendable (Duration) async throws -> Void
    /// Where events go.
    public var logger: Logger
    /// Where events are counted.
    public var tally: @Sendable (DomainEvent) -> Void

    /// Puts the parts together.
    public init(
        chat: any ChatBackend, customers: any CustomerStore, rooms: any RoomSessionStore, agents: AgentBoard,
        absences: any AbsenceStore, limiter: any RateLimiter, limitPerAddress: RateLimit?, limitPerTenant: RateLimit?,
        limitPerCustomer: RateLimit? = nil, limitPerTransfer: RateLimit? = nil, overload: Overload? = nil,
        naming: AccountNaming,
        seal: TokenSeal, now: @escaping @Sendable () -> Int64,
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
        self.sleep = sleep
        self.pause = pause
        self.logger = logger
        self.tally = tally
    }
}
