/// A request as it came over the wire to a ``ScriptedHTTPServer``.
public struct ScriptedHTTPRequest: Sendable {
    /// Counts the server's requests from 0.
    public var number: Int
    /// Counts the server's connections from 0: equal for requests on one kept connection.
    public var connection: Int
    /// As sent.
    public var method: String
    /// Path and query as sent.
    public var target: String
    /// Names in lower case; of a name sent twice, the last.
    public var headers: [String: String]
    /// The body's bytes.
    public var body: [UInt8]

    /// The target up to `?`.
    public var path: String { String(target.prefix { $0 != "?" }) }
    /// The target after `?`, or "".
    public var query: String { String(target.drop { $0 != "?" }.dropFirst()) }
    /// The path without `/api/v1/`, as Rocket.Chat's manual names it.
    public var route: String { path.hasPrefix("/api/v1/") ? String(path.dropFirst(8)) : path }
    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of a query parameter, percent-decoded; nil when there is none.
    public func parameter(_ name: String) -> String? { parameters(name).first }

    /// All values of a query parameter, percent-decoded.
    public func parameters(_ name: String) -> [String] {
        query.split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 && parts[0] == name ? Self.decode(parts[1]) : nil
        }
    }

    private static func decode(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
