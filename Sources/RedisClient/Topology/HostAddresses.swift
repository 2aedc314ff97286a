internal import EventLoop

/// The numeric addresses of servers that are known by name or by address. Loop thread only.
// @unchecked: all state is touched on the loop's thread only.
final class HostAddresses: @unchecked Sendable {
    private let loop: EventLoop
    private let deadline: Duration
    private var resolvers: [String: AddressResolver] = [:]

    /// Servers may announce any name: those of long ago are forgotten.
    private static let maxNames = 256

    init(loop: EventLoop, deadline: Duration) {
        self.loop = loop
        self.deadline = deadline
    }

    /// The addresses to try, in the system's order of preference.
    func addresses(of host: RedisHost) async throws(RedisError) -> [RedisAddress] {
        if isNumericAddress(host.name) { return [.tcp(address: host.name, port: host.port)] }
        return try await resolver(of: host.name).addresses(of: host.name).map { .tcp(address: $0, port: host.port) }
    }

    // One a name: a name whose look-up hangs does not hold up the others.
    private func resolver(of name: String) -> AddressResolver {
        if let known = resolvers[name] { return known }
        if resolvers.count >= Self.maxNames { resolvers = [:] }
        let resolver = AddressResolver(loop: loop, deadline: deadline)
        resolvers[name] = resolver
        return resolver
    }
}
