public import ChatBackend
public import Logging

/// What the operations of the domain work with. One a loop; the parts are pinned to it or free of state.
///
/// A value of one word: each operation takes its services along, and those that wait for the chat server keep theirs in
/// memory, by the thousand.
public struct Services: Sendable {
    private struct Parts: Sendable {
        var chat: any ChatBackend
        var customers: any CustomerStore
        var rooms: any RoomSessionStore
        var agents: AgentBoard
        var absences: any AbsenceStore
        var limiter: any RateLimiter
        var limitPerAddress: RateLimit?
        var limitPerTenant: RateLimit?
        var limitPerCustomer: RateLimit?
        var limitPerTransfer: RateLimit?
        var overload: Overload?
        var naming: AccountNaming
        var seal: TokenSeal
        var now: @Sendable () -> Int64
        var sleep: @Sendable (Duration) async throws -> Void
        var pause: @Sendable (Duration) async throws -> Void
        var logger: Logger
        var tally: @Sendable (DomainEvent) -> Void
    }

    /// Never changed; another value gets a box of its own.
    private final class Box: Sendable {
        let parts: Parts

        init(_ parts: Parts) { self.parts = parts }
    }

    private var box: Box

    private mutating func change(_ body: (inout Parts) -> Void) {
        var parts = box.parts
        body(&parts)
        box = Box(parts)
    }

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
        box = Box(
            Parts(
                chat: chat, customers: customers, rooms: rooms, agents: agents, absences: absences,
                limiter: limiter, limitPerAddress: limitPerAddress, limitPerTenant: limitPerTenant,
                limitPerCustomer: limitPerCustomer, limitPerTransfer: limitPerTransfer, overload: overload,
                naming: naming, seal: seal, now: now, sleep: sleep, pause: pause, logger: logger, tally: tally))
    }
}

extension Services {
    /// The chat server.
    public var chat: any ChatBackend {
        get { box.parts.chat }
        set { change { $0.chat = newValue } }
    }

    /// Customers and their tokens.
    public var customers: any CustomerStore {
        get { box.parts.customers }
        set { change { $0.customers = newValue } }
    }

    /// Rooms, loads and queues.
    public var rooms: any RoomSessionStore {
        get { box.parts.rooms }
        set { change { $0.rooms = newValue } }
    }

    /// What is known of the agents.
    public var agents: AgentBoard {
        get { box.parts.agents }
        set { change { $0.agents = newValue } }
    }

    /// Who of the agents is away, and since when.
    public var absences: any AbsenceStore {
        get { box.parts.absences }
        set { change { $0.absences = newValue } }
    }

    /// Counts calls.
    public var limiter: any RateLimiter {
        get { box.parts.limiter }
        set { change { $0.limiter = newValue } }
    }

    /// How often one address may call `client_connect`; nil for no limit.
    public var limitPerAddress: RateLimit? {
        get { box.parts.limitPerAddress }
        set { change { $0.limitPerAddress = newValue } }
    }

    /// How often a tenant's customers may call `client_connect`; nil for no limit.
    public var limitPerTenant: RateLimit? {
        get { box.parts.limitPerTenant }
        set { change { $0.limitPerTenant = newValue } }
    }

    /// How often a customer who proves to be one may call `client_connect`; nil for no limit.
    public var limitPerCustomer: RateLimit? {
        get { box.parts.limitPerCustomer }
        set { change { $0.limitPerCustomer = newValue } }
    }

    /// How often a room may be transferred; nil for no limit.
    public var limitPerTransfer: RateLimit? {
        get { box.parts.limitPerTransfer }
        set { change { $0.limitPerTransfer = newValue } }
    }

    /// Keeps work with the chat server within bounds; nil for no bounds.
    public var overload: Overload? {
        get { box.parts.overload }
        set { change { $0.overload = newValue } }
    }

    /// Names of accounts and groups.
    public var naming: AccountNaming {
        get { box.parts.naming }
        set { change { $0.naming = newValue } }
    }

    /// Seals chat tokens.
    public var seal: TokenSeal {
        get { box.parts.seal }
        set { change { $0.seal = newValue } }
    }

    /// Unix milliseconds.
    public var now: @Sendable () -> Int64 {
        get { box.parts.now }
        set { change { $0.now = newValue } }
    }

    /// Waits without a thread.
    public var sleep: @Sendable (Duration) async throws -> Void {
        get { box.parts.sleep }
        set { change { $0.sleep = newValue } }
    }

    /// Waits beside the work of a call, until that is done.
    public var pause: @Sendable (Duration) async throws -> Void {
        get { box.parts.pause }
        set { change { $0.pause = newValue } }
    }

    /// Where events go.
    public var logger: Logger {
        get { box.parts.logger }
        set { change { $0.logger = newValue } }
    }

    /// Where events are counted.
    public var tally: @Sendable (DomainEvent) -> Void {
        get { box.parts.tally }
        set { change { $0.tally = newValue } }
    }
}
