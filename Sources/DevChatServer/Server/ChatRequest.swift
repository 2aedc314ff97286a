import Foundation

/// One request to the stand-in server, free of any socket.
struct ChatRequest: Sendable {
    /// `GET`, `POST` or another method, upper case.
    var method: String
    /// The path without its query, percent-decoded.
    var path: String
    /// The query's names and values in order, decoded.
    var query: [(name: String, value: String)]
    /// Header values by lower case name.
    var headers: [String: String]
    /// The body as sent.
    var body: [UInt8]
    /// The peer's address without its port.
    var clientAddress: String

    init(
        _ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8] = [],
        clientAddress: String = "127.0.0.1"
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        path = parts.first.map { $0.removingPercentEncoding ?? String($0) } ?? ""
        query = parts.count > 1 ? Self.pairs(in: parts[1]) : []
        self.headers = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
        self.body = body
        self.clientAddress = clientAddress
    }

    /// The body as a JSON object; anything malformed counts as empty (contract sheet, section 1.3).
    var json: [String: JSON] {
        guard !body.isEmpty, headers["content-type"]?.lowercased().contains("json") == true else { return [:] }
        return JSON(parsing: body)?.fields ?? [:]
    }

    /// The query as an object of texts; repeated and bracketed names become lists.
    var queryFields: [String: JSON] {
        var fields: [String: JSON] = [:]
        for (name, value) in query {
            let isList = name.hasSuffix("[]")
            let key = isList ? String(name.dropLast(2)) : name
            if let previous = fields[key] {
                fields[key] = .array((previous.list ?? [previous]) + [.string(value)])
            } else {
                fields[key] = isList ? .array([.string(value)]) : .string(value)
            }
        }
        return fields
    }

    private static func pairs(in query: Substring) -> [(name: String, value: String)] {
        query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decode(parts.first ?? ""), parts.count > 1 ? decode(parts[1]) : "")
        }
    }

    private static func decode(_ text: Substring) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        let spaced = String(text.map { $0 == "+" ? " " : $0 })
        return spaced.removingPercentEncoding ?? spaced
    }
}
