/// Finds the end of a JSON string, and whether it is spelled as ``JSONValue/serialized()`` would spell it.
struct JSONStringScan {
    /// The byte after the closing quote.
    private(set) var end: Int
    /// ASCII and no escapes.
    private(set) var isPlain = true
    /// There is an escape for what needs none, or needs another one. Whether it is a good one has not been looked at.
    private(set) var isSpelledOtherwise = false

    /// Scans from the byte after the opening quote; nil when there is no end, a control character, or bad UTF-8.
    init?(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) {
        end = start
        while true {
            end = Self.plainEnd(bytes, from: end)
            guard end < bytes.count else { return nil }
            switch bytes[end] {
            case UInt8(ascii: "\""):
                end += 1
                return
            case UInt8(ascii: "\\"):
                guard end + 1 < bytes.count else { return nil }
                isPlain = false
                if !Self.isUsualEscape(bytes[end + 1]) { isSpelledOtherwise = true }
                end += 2
            case 0x80...:
                let length = Self.sequenceLength(bytes, at: end)
                guard length > 0 else { return nil }
                isPlain = false
                end += length
            default: return nil
            }
        }
    }

    /// Escapes that the serialiser writes; the others, `\/` and `\uXXXX`, usually stand for what needs none.
    private static func isUsualEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            true
        default: false
        }
    }

    /// The first byte from `start` on that is not an ASCII character standing for itself, or the end. Eight bytes at a
    /// time: subtracting sets the highest bit of each byte that is looked for, and of none before the first of them.
    private static func plainEnd(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let raw = UnsafeRawBufferPointer(bytes)
        var index = start
        while index + 8 <= raw.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let control = word &- ones &* 0x20
            let quote = (word ^ ones &* 0x22) &- ones
            let backslash = (word ^ ones &* 0x5C) &- ones
            let found = (word | control | quote | backslash) & (ones &* 0x80)
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            index += 1
        }
        return index
    }

    /// Bytes of the UTF-8 sequence there (RFC 3629, section 4: no overlong forms, no surrogates); 0 when it is none.
    private static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Int {
        let length: Int
        let second: ClosedRange<UInt8>
        switch bytes[start] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard start + length <= bytes.count, second.contains(bytes[start + 1]) else { return 0 }
        for index in (start + 2)..<max(start + 2, start + length) where !(0x80...0xBF).contains(bytes[index]) {
            return 0
        }
        return length
    }
}
