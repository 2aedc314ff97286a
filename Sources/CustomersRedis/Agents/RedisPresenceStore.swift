import ChatBackend
public import Customers
public import RedisClient

/// What the fleet knows of agents: `cg:{T}:presence`, seconds old at most; `cg:{T}:seen`, what the chat server said
/// last; `cg:{T}:paused`, who takes no new rooms; `cg:{T}:lease:presence`, whose turn it is to ask the chat server.
public struct RedisPresenceStore: PresenceStore {
    private let redis: Redis
    private static let lookPresence = RedisScript("look_presence", PackageResources.look_presence_lua)
    private static let savePresence = RedisScript("save_presence", PackageResources.save_presence_lua)
    private static let pause = RedisScript("set_paused", PackageResources.set_paused_lua)
    private static let renewLease = RedisScript("renew_lease", PackageResources.renew_lease_lua)
    private static let unlock = RedisScript("unlock", PackageResources.unlock_lua)
    /// Where a hash says what it is, beside the agents; no username is like it.
    private static let marker = "-"

    /// Makes the store.
    public init(_ client: RedisClient) { redis = Redis(client: client) }

    /// See `PresenceStore.look(tenant:fence:)`.
    public func look(tenant: TenantID, fence: String?) async throws -> PresenceLook {
        let keys = Keys(tenant)
        let reply = try await redis.run(
            Self.lookPresence, [keys.presence, keys.seen, keys.paused, keys.lease("presence")],
            [.string(fence ?? ""), .int(TimeToLive.presenceTurn), .int(TimeToLive.state)])
        guard let parts = reply.array, parts.count == 5, let fresh = parts[1].fields, let last = parts[2].fields,
            let age = parts[3].integer, let turn = parts[4].integer
        else { throw StoreError.unreadable("the agents' presence") }
        let paused = Set((parts[0].array ?? []).compactMap(\.text))
        return PresenceLook(
            fresh: Self.roster(fresh, paused: paused), last: last.isEmpty ? nil : Self.agents(last), lastAge: age,
            paused: paused, hasTurn: turn == 1)
    }

    private static func roster(_ fields: [String: [UInt8]], paused: Set<String>) -> AgentRoster? {
        guard !fields.isEmpty else { return nil }
        let words = String(decoding: fields[marker] ?? [], as: UTF8.self).split(separator: " ", maxSplits: 1)
        return AgentRoster(
            agents: agents(fields), paused: paused,
            source: words.first.flatMap { AgentRoster.Source(rawValue: String($0)) } ?? .chatServer,
            trouble: words.count == 2 ? String(words[1]) : "")
    }

    private static func agents(_ fields: [String: [UInt8]]) -> [AgentPresence] {
        fields.compactMap { username, value in
            let words = String(decoding: value, as: UTF8.self).split(separator: " ", maxSplits: 1)
            guard username != marker, words.count == 2, let status = PresenceStatus(rawValue: String(words[0]))
            else { return nil }
            return AgentPresence(id: String(words[1]), username: username, status: status)
        }
    }

    /// See `PresenceStore.renewTurn(_:tenant:)`.
    public func renewTurn(_ fence: String, tenant: TenantID) async throws -> Bool {
        let reply = try await redis.run(
            Self.renewLease, [Keys(tenant).lease("presence")], [.string(fence), .int(TimeToLive.presenceTurn)])
        return reply.integer == 1
    }

    /// See `PresenceStore.save(_:tenant:fence:)`.
    public func save(_ roster: AgentRoster, tenant: TenantID, fence: String) async throws {
        let keys = Keys(tenant)
        let fields: [RedisArgument] = roster.agents.flatMap {
            [.string($0.username), .string("\($0.status.rawValue) \($0.id)")]
        }
        _ = try await redis.run(
            Self.savePresence, [keys.presence, keys.seen, keys.lease("presence")],
            [
                .string(fence), .int(TimeToLive.presence), .int(TimeToLive.state),
                roster.source == .lastSeen ? "0" : "1", .string("\(roster.source.rawValue) \(roster.trouble)"),
            ] + fields)
    }

    /// See `PresenceStore.endTurn(_:tenant:)`.
    public func endTurn(_ fence: String, tenant: TenantID) async throws {
        _ = try await redis.run(Self.unlock, [Keys(tenant).lease("presence")], [.string(fence)])
    }

    /// See `PresenceStore.setPaused(_:username:tenant:)`.
    public func setPaused(_ isPaused: Bool, username: String, tenant: TenantID) async throws {
        _ = try await redis.run(
            Self.pause, [Keys(tenant).paused],
            [.string(username.lowercased()), isPaused ? "1" : "0", .int(TimeToLive.state)])
    }
}
