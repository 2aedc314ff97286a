/// A scheme, host and port without anything after: what a chat server's address, `base` and a browser's `Origin` have
/// in common.
struct WebOrigin: Hashable {
    /// In lower case.
    var scheme: String
    /// In lower case; IPv6 without brackets.
    var host: String
    /// Nil when it is the scheme's own.
    var port: Int?

    /// Reads `scheme://host[:port]`; with `allowsSlash` one slash may follow.
    init?(_ text: String, allowsSlash: Bool = false) {
        guard let separator = text.firstRange(of: "://") else { return nil }
        scheme = text[..<separator.lowerBound].lowercased()
        let isSchemeByte = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || "+-.".utf8.contains(byte)
        }
        guard let first = scheme.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            scheme.utf8.allSatisfy(isSchemeByte)
        else { return nil }
        var rest = text[separator.upperBound...]
        if allowsSlash, rest.hasSuffix("/") { rest.removeLast() }
        let standardPort = ["http": 80, "https": 443][scheme]
        // 0 stands for "not written": no port may be 0.
        guard let address = HostAndPort(rest, defaultPort: standardPort ?? 0) else { return nil }
        host = address.host
        port = address.port == standardPort || address.port == 0 ? nil : address.port
    }

    /// Whether nobody has this host: RFC 2606 keeps it for documentation.
    var isExample: Bool {
        let labels = host.split(separator: ".")
        guard let last = labels.last else { return false }
        return last == "example" || (labels.suffix(2).first == "example" && ["com", "net", "org"].contains(last))
    }

    var isHTTP: Bool { scheme == "http" || scheme == "https" }

    /// As a browser writes it: in lower case, without the scheme's own port.
    var text: String {
        scheme + "://" + (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
    }
}
