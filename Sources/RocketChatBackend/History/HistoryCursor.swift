internal import ChatBackend

/// A position as the API hands it out: base64url, without padding, of `<milliseconds>.<message id>`.
enum HistoryCursor {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let idLimit = 128
    /// The end of the year 9999.
    private static let timeLimit: Int64 = 253_402_300_799_999

    static func encode(_ position: HistoryPosition) -> String {
        let bytes = Array("\(position.time).\(position.id)".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0...group.count { text.append(alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Throws: ``ChatBackendError/invalidCursor`` for everything that ``encode(_:)`` does not make.
    static func decode(_ cursor: String) throws(ChatBackendError) -> HistoryPosition {
        guard cursor.utf8.count <= 256, let bytes = bytes(of: cursor),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw .invalidCursor }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(parts[0]), (0...timeLimit).contains(time), !parts[1].isEmpty,
            parts[1].utf8.count <= idLimit, parts[1].utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { throw .invalidCursor }
        let position = HistoryPosition(time: time, id: String(parts[1]))
        // One spelling for each position: no second one with other spare bits or a plus sign.
        guard encode(position) == cursor else { throw .invalidCursor }
        return position
    }

    private static func bytes(of text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return bytes
    }
}
