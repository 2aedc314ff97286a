/// One server at a fixed place.
enum StandaloneTopology: RedisTopology {
    case unix(path: String)
    case tcp(RedisHost, names: HostAddresses)

    func candidates() async throws(RedisError) -> [RedisAddress] {
        switch self {
        case .unix(let path): [.unix(path: path)]
        case .tcp(let host, let names): try await names.addresses(of: host)
        }
    }
}
