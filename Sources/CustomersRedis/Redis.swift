internal import Customers
internal import RedisClient

/// The connection that all stores share, with errors in the domain's words.
struct Redis {
    let client: RedisClient

    func send(_ command: [RedisArgument]) async throws -> RedisReply {
        do { return try await client.send(command) } catch { throw StoreError("\(error)") }
    }

    func run(_ script: RedisScript, _ keys: [String], _ arguments: [RedisArgument]) async throws -> RedisReply {
        do {
            return try await client.eval(script, keys: keys, arguments: arguments)
        } catch { throw StoreError("\(script.name): \(error)") }
    }
}

extension RedisScript {
    /// A script from one of the `.lua` files of this target.
    convenience init(_ name: String, _ source: [UInt8]) {
        self.init(name: name, source: String(decoding: source, as: UTF8.self))
    }

    /// A script that looks at more of a tenant's keys than it is called with.
    convenience init(tenant name: String, _ source: [UInt8]) {
        self.init(name, PackageResources.whole_tenant_lua + source)
    }

    /// A script about rooms: what they share stands before it.
    convenience init(rooms name: String, _ source: [UInt8]) {
        self.init(tenant: name, PackageResources.agent_rooms_lua + source)
    }
}

extension StoreError {
    /// What is stored cannot be read: somebody else wrote it.
    static func unreadable(_ what: String) -> StoreError { StoreError("cannot read \(what) as stored") }
}
