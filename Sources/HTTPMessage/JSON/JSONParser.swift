/// Reads one JSON text from a contiguous buffer, byte by byte. Every access is behind a bounds test; nothing recurses
/// deeper than `maximumDepth`.
struct JSONParser {
    private let bytes: [UInt8]
    private let maximumDepth: Int
    private let keepsNumbers: Bool
    private var position = 0

    init(_ bytes: [UInt8], maximumDepth: Int, keepsNumbers: Bool = false) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        self.keepsNumbers = keepsNumbers
    }

    mutating func parseText() throws(JSONError) -> JSONValue {
        let value = try parseValue(depth: 0)
        skipWhitespace()
        guard position == bytes.count else { throw failure("trailing bytes") }
        return value
    }

    private mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
        skipWhitespace()
        guard let byte = peek() else { throw failure("unexpected end") }
        switch byte {
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "{"): return try parseObject(depth: depth + 1)
        case UInt8(ascii: "["): return try parseArray(depth: depth + 1)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        case UInt8(ascii: "t"): return try parseWord("true", as: .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", as: .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", as: .null)
        default: throw failure("expected a value")
        }
    }

    /// Of a key written twice the last value counts, as in JavaScript, Python and nginx's njs: whoever looked at the
    /// text before us saw the same value.
    private mutating func parseObject(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= maximumDepth else { throw failure("nested too deeply") }
        position += 1
        var members: [String: JSONValue] = [:]
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        // Most objects have a few members; without this the table would be made anew with every second one of them.
        members.reserveCapacity(8)
        while true {
            skipWhitespace()
            guard peek() == UInt8(ascii: "\"") else { throw failure(orEnd: "expected a key") }
            let key = try parseString()
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw failure(orEnd: "expected a colon") }
            members[key] = try parseValue(depth: depth)
            skipWhitespace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw failure(orEnd: "expected a comma or a closing brace") }
            return .object(members)
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= maximumDepth else { throw failure("nested too deeply") }
        position += 1
        var elements: [JSONValue] = []
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try parseValue(depth: depth))
            skipWhitespace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw failure(orEnd: "expected a comma or a closing bracket") }
            return .array(elements)
        }
    }

    private mutating func parseWord(_ word: StaticString, as value: JSONValue) throws(JSONError) -> JSONValue {
        let start = position
        for expected in word.description.utf8 {
            guard take(expected) else {
                position = start
                throw failure("expected a value")
            }
        }
        return value
    }
}

// MARK: - Strings

extension JSONParser {
    /// Reads a string from its opening quote.
    private mutating func parseString() throws(JSONError) -> String {
        let opening = position
        position += 1
        let start = position
        try skipPlainCharacters()
        if take(UInt8(ascii: "\"")) { return try text(bytes[start..<position - 1], from: opening) }

        // Rare: the string has escapes, so it is put together piece by piece.
        var pieces = Array(bytes[start..<position])
        while !take(UInt8(ascii: "\"")) {
            try parseEscape(into: &pieces)
            let run = position
            try skipPlainCharacters()
            pieces.append(contentsOf: bytes[run..<position])
        }
        return try text(pieces[...], from: opening)
    }

    /// Moves to the next quote or backslash.
    private mutating func skipPlainCharacters() throws(JSONError) {
        var index = position
        defer { position = index }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            guard byte >= 0x20 else { throw JSONError(offset: index, reason: "control character in a string") }
            index += 1
        }
        throw JSONError(offset: index, reason: "unexpected end")
    }

    private func text(_ utf8: ArraySlice<UInt8>, from opening: Int) throws(JSONError) -> String {
        guard let text = String(strictUTF8: utf8) else {
            throw JSONError(offset: opening, reason: "invalid UTF-8 in a string")
        }
        return text
    }

    /// Reads an escape from its backslash and appends what it stands for.
    private mutating func parseEscape(into pieces: inout [UInt8]) throws(JSONError) {
        position += 1
        guard let byte = peek() else { throw failure("unexpected end") }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): pieces.append(byte)
        case UInt8(ascii: "b"): pieces.append(0x08)
        case UInt8(ascii: "f"): pieces.append(0x0C)
        case UInt8(ascii: "n"): pieces.append(0x0A)
        case UInt8(ascii: "r"): pieces.append(0x0D)
        case UInt8(ascii: "t"): pieces.append(0x09)
        case UInt8(ascii: "u"):
            position += 1
            pieces.append(contentsOf: try parseEscapedScalar().utf8)
            return
        default: throw failure("unknown escape")
        }
        position += 1
    }

    /// Reads `XXXX`, or `XXXX\uXXXX` when it is a surrogate pair; a surrogate alone stands for nothing and is refused.
    private mutating func parseEscapedScalar() throws(JSONError) -> Character {
        let start = position
        let first = try parseFourHexDigits()
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        if (0xD800..<0xDC00).contains(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let second = try parseFourHexDigits()
            let code = 0x10000 + ((UInt32(first) - 0xD800) << 10)
            if (0xDC00..<0xE000).contains(second), let scalar = Unicode.Scalar(code + UInt32(second) - 0xDC00) {
                return Character(scalar)
            }
        }
        throw JSONError(offset: start, reason: "lone surrogate")
    }

    private mutating func parseFourHexDigits() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = peek().flatMap(hexDigit) else { throw failure(orEnd: "expected four hexadecimal digits") }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = take(UInt8(ascii: "-"))
        let firstDigit = position
        guard skipDigits() > 0 else { throw failure(orEnd: "expected a digit") }
        guard bytes[firstDigit] != UInt8(ascii: "0") || position == firstDigit + 1 else {
            throw JSONError(offset: firstDigit, reason: "leading zero")
        }
        let integerEnd = position
        if take(UInt8(ascii: ".")) {
            guard skipDigits() > 0 else { throw failure(orEnd: "expected a digit") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            guard skipDigits() > 0 else { throw failure(orEnd: "expected a digit") }
        }
        if position == integerEnd, let value = integer(bytes[firstDigit..<integerEnd], isNegative: isNegative) {
            return .int(value)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw JSONError(offset: start, reason: "number out of range")
        }
        // `20.0` is 20 for everybody.
        let isWhole = JSONValue.double(value).int.map { $0.magnitude < 1 << 53 } ?? false
        return keepsNumbers && !isWhole ? .string(text) : .double(value)
    }

    private func integer(_ digits: ArraySlice<UInt8>, isNegative: Bool) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let amount = Int64(digit - UInt8(ascii: "0"))
            // Counting down for negative numbers reaches Int64.min as well.
            let (sum, carry) =
                isNegative ? product.subtractingReportingOverflow(amount) : product.addingReportingOverflow(amount)
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }
}

// MARK: - Bytes

extension JSONParser {
    @inline(__always)
    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func failure(_ reason: String) -> JSONError { JSONError(offset: position, reason: reason) }

    /// At the end of the text that is what is wrong; elsewhere `reason`.
    private func failure(orEnd reason: String) -> JSONError {
        failure(position < bytes.count ? reason : "unexpected end")
    }
}
