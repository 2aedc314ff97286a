/// Where customers are kept. Every method throws ``StoreError`` when the store is away.
public protocol CustomerStore: Sendable {
    /// A customer with the room that a call is about, in one round trip; both are kept alive by being found.
    ///
    /// The room is `rid` when that is an open room of this customer, else the open room in `slot`.
    func find(_ customer: CustomerHash, slot: RoomSlot?, rid: String?) async throws -> FoundCustomer?

    /// Writes a customer, and makes the chat token find its owner.
    func save(_ record: CustomerRecord) async throws

    /// Whose chat token this is.
    func owner(ofToken digest: String) async throws -> TokenOwner?

    /// Makes a token find its owner again if the store knows nothing of it; one that was retired stays so.
    func keepToken(_ digest: String, of customer: CustomerHash) async throws

    /// Makes a token that was logged out good for nothing but closing a room again; for 24 h.
    func retireToken(_ digest: String, of customer: CustomerHash) async throws

    /// Takes the customer's lock for at most 4 s. Single flight over all gateways.
    ///
    /// `opening` is noted in the same step, and so are, while the lock is held, the agents who are taken for the
    /// customer.
    /// - Returns: what ``unlock(_:fence:isSettled:)`` wants, or nil when somebody else has it.
    func lock(_ customer: CustomerHash, opening: Opening?) async throws -> String?

    /// Keeps the lock for another 4 s.
    ///
    /// - Returns: false when it has passed to somebody else.
    func keepLock(_ customer: CustomerHash, fence: String) async throws -> Bool

    /// Gives the lock back, unless it has passed to somebody else meanwhile.
    ///
    /// With `isSettled` what was noted under it is over: agents' slots that were kept and not used are free. Otherwise
    /// the sweep looks what came of it.
    func unlock(_ customer: CustomerHash, fence: String, isSettled: Bool) async throws
}

extension CustomerStore {
    /// ``lock(_:opening:)`` for somebody who makes no account and no room.
    public func lock(_ customer: CustomerHash) async throws -> String? { try await lock(customer, opening: nil) }

    /// ``save(_:)`` in place of what had another token, by its digest, or "": that one is good for closing only from
    /// now on, whoever holds it.
    func save(_ record: CustomerRecord, replacing former: String) async throws {
        try await save(record)
        if !former.isEmpty { try await retireToken(former, of: record.key.stored) }
    }

    /// ``unlock(_:fence:isSettled:)`` for somebody who left nothing.
    public func unlock(_ customer: CustomerHash, fence: String) async throws {
        try await unlock(customer, fence: fence, isSettled: true)
    }
}

/// A customer of a tenant, by the hash under which they are stored.
public struct CustomerHash: Hashable, Sendable {
    /// The tenant.
    public var tenant: TenantID
    /// See ``CustomerKey/hash``.
    public var hash: String

    /// Names a customer.
    public init(tenant: TenantID, hash: String) {
        self.tenant = tenant
        self.hash = hash
    }
}

extension CustomerKey {
    /// The name under which the customer is stored.
    public var stored: CustomerHash { CustomerHash(tenant: tenant, hash: hash) }
}

/// A customer, and the room that the call is about if there is one.
public struct FoundCustomer: Sendable {
    /// The customer.
    public var record: CustomerRecord
    /// The room.
    public var session: StoredSession?
    /// The customer's rooms that were opened and not closed; some may have run out since.
    public var openRooms: Set<String>
    /// The backend id of the agent who had the customer last, or "".
    public var lastAgent: String

    /// Pairs them.
    public init(
        record: CustomerRecord, session: StoredSession?, openRooms: Set<String> = [], lastAgent: String = ""
    ) {
        self.record = record
        self.session = session
        self.openRooms = openRooms
        self.lastAgent = lastAgent
    }
}

/// Whose chat token it is.
public struct TokenOwner: Sendable, Hashable {
    /// The customer.
    public var customer: CustomerHash
    /// False once the token was logged out.
    public var isLive: Bool

    /// Makes an owner.
    public init(customer: CustomerHash, isLive: Bool) {
        self.customer = customer
        self.isLive = isLive
    }
}
