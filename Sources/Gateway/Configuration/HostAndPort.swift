/// A host name or address with a TCP port: `127.0.0.1:6379`, `redis.internal:6379`, `[::1]:6379`.
public struct HostAndPort: Sendable, Hashable, CustomStringConvertible {
    /// The name or address in lower case; IPv6 without brackets.
    public var host: String
    /// 1–65535.
    public var port: Int

    /// Makes a value.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, and `host` alone when there is a default port.
    init?(_ text: some StringProtocol, defaultPort: Int?) {
        var rest = Substring(text)
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end].lowercased()
            guard host.contains(":"), NumericAddress.isAddress(host) else { return nil }
            rest = rest[rest.index(after: end)...]
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            host = rest[..<end].lowercased()
            guard Self.isName(host) else { return nil }
            rest = rest[end...]
        }
        guard let port = rest.isEmpty ? defaultPort : Self.port(rest) else { return nil }
        self.port = port
    }

    /// `host:port`, IPv6 in brackets.
    public var description: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    private static func port(_ text: Substring) -> Int? {
        guard text.first == ":", let first = text.dropFirst().first, first != "+", let port = Int(text.dropFirst()),
            (1...65_535).contains(port)
        else { return nil }
        return port
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
