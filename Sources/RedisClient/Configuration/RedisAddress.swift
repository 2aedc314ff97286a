internal import Glibc

/// An address that can be connected to without asking anybody: a path, or a numeric address.
enum RedisAddress: Sendable, Hashable, CustomStringConvertible {
    case unix(path: String)
    case tcp(address: String, port: UInt16)

    var description: String {
        switch self {
        case .unix(let path): path
        case .tcp(let address, let port): address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        }
    }
}

/// Whether a text is an IPv4 or IPv6 address already.
func isNumericAddress(_ text: some StringProtocol) -> Bool {
    var storage = in6_addr()
    let text = String(text)
    return inet_pton(AF_INET, text, &storage) == 1 || inet_pton(AF_INET6, text, &storage) == 1
}
