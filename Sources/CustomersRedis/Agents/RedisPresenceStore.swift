public import ChatBackend
public import Customers
public import RedisClient

/// What the fleet knows of agents: `cg:{T}:presence`, seconds old at most.
public struct RedisPresenceStore: PresenceStore {
    private let redis: Redis
    private static let save = RedisScript("save_presence", PackageResources.save_presence_lua)
    /// Makes the hash exist even when the chat server knows none of the agents.
    private static let marker = "-"

    /// Makes the store.
    public init(_ client: RedisClient) { redis = Redis(client: client) }

    /// See `PresenceStore.presence(tenant:)`.
    public func presence(tenant: TenantID) async throws -> [AgentPresence]? {
        let reply = try await redis.send(["HGETALL", .string(Keys(tenant).presence)])
        guard let fields = reply.fields, !fields.isEmpty else { return nil }
        return fields.compactMap { username, value in
            let words = String(decoding: value, as: UTF8.self).split(separator: " ", maxSplits: 1)
            guard username != Self.marker, words.count == 2, let status = PresenceStatus(rawValue: String(words[0]))
            else { return nil }
            return AgentPresence(id: String(words[1]), username: username, status: status)
        }
    }

    /// See `PresenceStore.save(_:tenant:)`.
    public func save(_ presence: [AgentPresence], tenant: TenantID) async throws {
        let fields: [RedisArgument] = presence.flatMap {
            [.string($0.username), .string("\($0.status.rawValue) \($0.id)")]
        }
        _ = try await redis.run(
            Self.save, [Keys(tenant).presence],
            [.int(TimeToLive.presence), .string(Self.marker), .string(Self.marker)] + fields)
    }
}
