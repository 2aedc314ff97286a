/// A complete reply, whatever its status.
public struct HTTPClientReply: Sendable {
    /// The status code as sent.
    public var status: Int
    /// The body, complete.
    public var body: [UInt8]
    /// Status line and fields of the final reply as they came; looked through on demand, for few are ever asked for.
    var head: [UInt8]

    /// Makes a reply; for tests of what reads one.
    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.body = body
        head = Array(headers.map { "\($0.name): \($0.value)\r\n" }.joined().utf8)
    }

    init(status: Int, body: [UInt8], head: [UInt8]) {
        self.status = status
        self.body = body
        self.head = head
    }

    /// The value of the first field of this name, in any case, without surrounding blanks.
    public func header(_ name: String) -> String? {
        let wanted = Array(name.utf8)
        for line in head.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let found = line[..<colon]
            guard found.count == wanted.count, zip(found, wanted).allSatisfy({ Self.lower($0) == Self.lower($1) })
            else { continue }
            let value = line[line.index(after: colon)...].drop(while: Self.isBlank)
            let end = value.lastIndex { !Self.isBlank($0) } ?? value.startIndex
            return value.isEmpty ? "" : String(decoding: value[value.startIndex...end], as: UTF8.self)
        }
        return nil
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
