/// A host name or address, and a port: one Redis server, Sentinel or cluster node.
public struct RedisHost: Sendable, Hashable, CustomStringConvertible {
    /// The name or address; IPv6 without brackets.
    public let name: String
    /// 1–65535.
    public let port: UInt16

    /// Makes a value.
    public init(_ name: String, port: UInt16) {
        self.name = name
        self.port = port
    }

    /// `name:port`, IPv6 in brackets.
    public var description: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }

    /// Whether bytes stay on this machine.
    var isLocal: Bool {
        name == "localhost" || name == "::1" || (name.hasPrefix("127.") && isNumericAddress(name))
    }
}

extension RedisHost {
    /// Reads `host`, `host:port` or `[IPv6]:port`.
    ///
    /// - Throws: ``RedisError/Code/invalidURL`` with a sentence that says what is wrong.
    init(reading text: Substring, defaultPort: UInt16) throws(RedisError) {
        var host = text
        var port = ""[...]
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw RedisError(.invalidURL, "\"[\" without \"]\" in \"\(text)\"")
            }
            host = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
            guard port.isEmpty || port.hasPrefix(":") else {
                throw RedisError(.invalidURL, "\"\(text)\" is no host and port")
            }
            guard isNumericAddress(host) else { throw RedisError(.invalidURL, "\"\(host)\" is no IPv6 address") }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[colon...]
        }
        guard !host.isEmpty, host.utf8.count <= 253, text.hasPrefix("[") || host.utf8.allSatisfy(Self.isNameByte) else {
            throw RedisError(
                .invalidURL,
                "\"\(text)\" is no host; \(RedisURL.allowed); an IPv6 address stands in brackets: redis://[::1]:6379")
        }
        name = String(host)
        guard !port.isEmpty else {
            self.port = defaultPort
            return
        }
        let digits = port.dropFirst()
        guard digits.utf8.allSatisfy(isDigit), let number = UInt16(digits), number > 0 else {
            throw RedisError(.invalidURL, "the port \"\(digits)\" is none of 1–65535")
        }
        self.port = number
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: isDigit(byte)
        }
    }
}

/// Whether a byte is one of `0`–`9`.
func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
