/// An answer as it came over the wire, complete and by the rules of HTTP/1.1.
public struct HTTPTestReply: Sendable, CustomStringConvertible {
    /// The status code.
    public var status: Int
    /// Names in lower case, in the order in which they came.
    public var headers: [(name: String, value: String)]
    /// The body, complete.
    public var body: [UInt8]

    /// A header's value; nil when it is absent. Two of a name are joined by ", ".
    public func header(_ name: String) -> String? {
        let values = headers.filter { $0.name == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON.
    ///
    /// - Throws: ``HTTPTestError/malformed(_:)`` when it is none.
    public var json: HTTPTestJSON {
        get throws { try HTTPTestJSON(parsing: body) }
    }

    /// Status, headers and body, for a failed test.
    public var description: String {
        "\(status) " + headers.map { "\($0.name): \($0.value)" }.joined(separator: "; ") + "\n\(text.prefix(2_000))"
    }

    /// Reads what a server sent until it closed the connection.
    ///
    /// - Throws: ``HTTPTestError/malformed(_:)``.
    init(parsing bytes: [UInt8], toHead: Bool) throws(HTTPTestError) {
        guard let separator = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            throw .malformed("\(bytes.count) bytes without a head")
        }
        guard let head = String(validating: bytes[..<separator.lowerBound], as: UTF8.self) else {
            throw .malformed("head is not UTF-8")
        }
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count >= 2, words[0] == "HTTP/1.1", words[1].count == 3, let status = Int(words[1]) else {
            throw .malformed("status line \(lines[0])")
        }
        var headers: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
                throw .malformed("line \(line)")
            }
            headers.append(
                (line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " })))
        }
        self.status = status
        self.headers = headers
        body = Array(bytes[separator.upperBound...])
        try readBody(toHead: toHead)
    }

    private mutating func readBody(toHead: Bool) throws(HTTPTestError) {
        if toHead || status == 204 || status == 304 {
            guard body.isEmpty else { throw .malformed("\(body.count) bytes of body where none may be") }
        } else if header("transfer-encoding")?.lowercased() == "chunked" {
            body = try Self.joinChunks(body)
        } else if let length = header("content-length") {
            guard Int(length) == body.count else {
                throw .malformed("\(body.count) bytes of body instead of \(length)")
            }
        }
    }

    private static func joinChunks(_ bytes: [UInt8]) throws(HTTPTestError) -> [UInt8] {
        var rest = bytes[...]
        var body: [UInt8] = []
        while true {
            guard let end = rest.firstRange(of: Array("\r\n".utf8)),
                let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16)
            else { throw .malformed("chunk size") }
            rest = rest[end.upperBound...]
            guard rest.count >= size + 2 else { throw .malformed("body breaks off in a chunk") }
            if size == 0 { return body }
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
    }
}
