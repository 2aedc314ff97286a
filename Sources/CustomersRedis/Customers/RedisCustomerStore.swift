public import Customers
internal import EventLoop
public import RedisClient

/// Customers in Redis: `cg:{T}:customer:<hash>`, `cg:chat:<sha256>`, `cg:{T}:lock:<hash>`, `cg:{T}:opening:<hash>`.
public struct RedisCustomerStore: CustomerStore {
    private let redis: Redis
    private let now: @Sendable () -> Int64

    private static let find = RedisScript(tenant: "find_customer", PackageResources.find_customer_lua)
    private static let keepLock = RedisScript("keep_lock", PackageResources.keep_lock_lua)
    private static let save = RedisScript("save_customer", PackageResources.save_customer_lua)
    private static let lockOpening = RedisScript(rooms: "lock_opening", PackageResources.lock_opening_lua)
    private static let unlock = RedisScript(rooms: "unlock", PackageResources.unlock_lua)

    /// Makes the store; `now` is in Unix milliseconds.
    public init(_ client: RedisClient, now: @escaping @Sendable () -> Int64) {
        redis = Redis(client: client)
        self.now = now
    }

    /// See `CustomerStore.find(_:slot:rid:)`.
    public func find(_ customer: CustomerHash, slot: RoomSlot?, rid: String?) async throws -> FoundCustomer? {
        let reply = try await redis.run(
            Self.find, [Keys(customer.tenant).customer(customer.hash)], arguments(customer, slot, rid))
        return try Self.found(reply, of: customer)
    }

    @inline(never)
    private func arguments(_ customer: CustomerHash, _ slot: RoomSlot?, _ rid: String?) -> [RedisArgument] {
        [
            .string(customer.hash), .string(slot?.text ?? ""), .string(rid ?? ""),
            .string(Keys(customer.tenant).prefix), .int(TimeToLive.state), .integer(now()),
        ]
    }

    // Not inlined: what is needed only afterwards would lie in the waiting task's frame, kilobytes of it, for as long
    // as the whole request takes.
    @inline(never)
    private static func found(_ reply: RedisReply, of customer: CustomerHash) throws -> FoundCustomer? {
        guard let parts = reply.array, let fields = parts.first?.fields else { return nil }
        guard let record = try CustomerRecord(fields, of: customer) else { return nil }
        let rooms = Set(fields.keys.filter { $0.hasPrefix("open:") }.map { String($0.dropFirst("open:".count)) })
        let lastAgent = fields["last_agent"].map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard parts.count == 5, let rid = parts[1].text, let room = parts[2].fields, let place = parts[3].integer,
            let pace = parts[4].integer
        else { return FoundCustomer(record: record, session: nil, openRooms: rooms, lastAgent: lastAgent) }
        let session = try RoomSession(room, rid: rid, tenant: customer.tenant)
        return FoundCustomer(
            record: record,
            session: StoredSession(session: session, place: Int(place), pace: pace > 0 ? pace : nil),
            openRooms: rooms, lastAgent: lastAgent)
    }

    /// See `CustomerStore.save(_:)`.
    public func save(_ record: CustomerRecord) async throws {
        let keys = Keys(record.key.tenant)
        let fields = record.fields
        async let written = redis.run(
            Self.save, [keys.customer(record.key.hash)], [.int(TimeToLive.state)] + fields)
        if !record.tokenDigest.isEmpty {
            try await setOwner(
                TokenOwner(customer: record.key.stored, isLive: true), of: record.tokenDigest,
                seconds: TimeToLive.chatToken)
        }
        _ = try await written
    }

    /// See `CustomerStore.owner(ofToken:)`.
    public func owner(ofToken digest: String) async throws -> TokenOwner? {
        let reply = try await redis.send(["GET", .string(Keys.chat(digest))])
        guard let words = reply.text?.split(separator: " "), words.count == 3, let tenant = TenantID(words[0]) else {
            return nil
        }
        return TokenOwner(customer: CustomerHash(tenant: tenant, hash: String(words[1])), isLive: words[2] == "live")
    }

    /// See `CustomerStore.keepToken(_:of:)`.
    public func keepToken(_ digest: String, of customer: CustomerHash) async throws {
        let owner = TokenOwner(customer: customer, isLive: true)
        try await setOwner(owner, of: digest, seconds: TimeToLive.chatToken, onlyIfAbsent: true)
    }

    /// See `CustomerStore.retireToken(_:of:)`.
    public func retireToken(_ digest: String, of customer: CustomerHash) async throws {
        try await setOwner(
            TokenOwner(customer: customer, isLive: false), of: digest, seconds: TimeToLive.tombstone)
    }

    private func setOwner(
        _ owner: TokenOwner, of digest: String, seconds: Int, onlyIfAbsent: Bool = false
    ) async throws {
        let value = "\(owner.customer.tenant) \(owner.customer.hash) \(owner.isLive ? "live" : "closed")"
        let condition: [RedisArgument] = onlyIfAbsent ? ["NX"] : []
        _ = try await redis.send(
            ["SET", .string(Keys.chat(digest)), .string(value), "EX", .int(seconds)] + condition)
    }

    /// See `CustomerStore.lock(_:opening:)`.
    public func lock(_ customer: CustomerHash, opening: Opening?) async throws -> String? {
        let fence = String(UInt64.random(in: .min ... .max), radix: 36)
        let key = Keys(customer.tenant).lock(customer.hash)
        do {
            guard let opening else {
                let reply = try await redis.client.send([
                    "SET", .string(key), .string(fence), "NX", "PX", .int(TimeToLive.lock),
                ])
                return reply.isNull ? nil : fence
            }
            let department = if case .department(let id) = opening.slot { id.text } else { "" }
            let reply = try await redis.client.eval(
                Self.lockOpening, keys: [key],
                arguments: [
                    .string(fence), .int(TimeToLive.lock), .string(opening.slot.text), .string(department),
                    .string(opening.groupName), .string(opening.key?.trust.rawValue ?? ""),
                    .string(opening.key?.name.text ?? ""),
                ])
            return reply.integer == 1 ? fence : nil
        } catch {
            if error.mayHaveRun { giveBackLater(customer, fence: fence, isSettled: true) }
            throw StoreError("\(error)")
        }
    }

    /// See `CustomerStore.keepLock(_:fence:)`.
    public func keepLock(_ customer: CustomerHash, fence: String) async throws -> Bool {
        let reply = try await redis.run(
            Self.keepLock, [Keys(customer.tenant).lock(customer.hash)], [.string(fence), .int(TimeToLive.lock)])
        return reply.integer == 1
    }

    /// See `CustomerStore.unlock(_:fence:isSettled:)`.
    public func unlock(_ customer: CustomerHash, fence: String, isSettled: Bool) async throws {
        do { try await giveBack(customer, fence: fence, isSettled: isSettled) } catch {
            giveBackLater(customer, fence: fence, isSettled: isSettled)
            throw error
        }
    }

    private func giveBack(_ customer: CustomerHash, fence: String, isSettled: Bool) async throws {
        _ = try await redis.run(
            Self.unlock, [Keys(customer.tenant).lock(customer.hash)], [.string(fence), isSettled ? "1" : "0"])
    }

    /// Tries again until Redis is back or the lock has run out: a lock that nobody holds would keep the customer out
    /// for all that time. Why it does not work yet has been told by the first attempt.
    private func giveBackLater(_ customer: CustomerHash, fence: String, isSettled: Bool) {
        let loop = redis.client.loop
        Task(executorPreference: loop) {
            for _ in 0..<(TimeToLive.lock / Self.giveBackInterval) {
                try await loop.sleep(for: .milliseconds(Self.giveBackInterval))
                if (try? await giveBack(customer, fence: fence, isSettled: isSettled)) != nil { return }
            }
        }
    }

    /// Milliseconds between two attempts.
    private static let giveBackInterval = 200
}
