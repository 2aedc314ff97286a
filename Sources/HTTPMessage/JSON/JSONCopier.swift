/// Reads JSON from front to back and copies it as ``JSONValue/serialized()`` spells it, without making values of it.
///
/// What already is spelled so, which is nearly everything, is copied in long runs. Members that are not in the order of
/// their keys change places afterwards. Whatever is rare goes through ``JSONParser``, or is not for it at all
/// (``Unfit``). Every access is behind a bounds test; nothing recurses deeper than `maximumDepth`.
struct JSONCopier {
    /// The text is not JSON, or has something that only the parser knows how to read.
    struct Unfit: Error {}

    /// A member of an object that is being read.
    private struct Member {
        /// Without the quotes, in the text.
        var key: Range<Int>
        /// In the text.
        var value: Range<Int>
        /// Key and value in the output.
        var copy: Range<Int>
    }

    private let bytes: [UInt8]
    private let maximumDepth: Int
    private var position = 0
    /// Up to here the text is in the output, or left out.
    private var copied = 0
    private var output: [UInt8] = []
    private var members: [Member] = []
    private var reordered: [UInt8] = []

    init(_ bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// The end of the output once the run up to `position` has been copied.
    private var outputEnd: Int { output.count + (position - copied) }
}

// MARK: - Piece by piece

extension JSONCopier {
    /// Reads the next key of the outermost object and its colon; nil at its end.
    mutating func nextKey(isFirst: Bool) throws(Unfit) -> Range<Int>? {
        skipBlanks()
        if isFirst {
            try expect(UInt8(ascii: "{"))
            skipBlanks()
            if take(UInt8(ascii: "}")) { return nil }
        } else if take(UInt8(ascii: "}")) {
            return nil
        } else {
            try expect(UInt8(ascii: ","))
            skipBlanks()
        }
        return try copyKey()
    }

    /// Goes to the next element of an array; false at its end.
    mutating func beginsElement(isFirst: Bool) throws(Unfit) -> Bool {
        skipBlanks()
        if isFirst {
            try expect(UInt8(ascii: "["))
            skipBlanks()
            return !take(UInt8(ascii: "]"))
        }
        if take(UInt8(ascii: "]")) { return false }
        try expect(UInt8(ascii: ","))
        skipBlanks()
        return true
    }

    /// Reads an object: its text, and the values of some of its members.
    mutating func object(
        depth: Int, members wanted: [StaticString]
    ) throws(Unfit) -> (text: [UInt8], values: [JSONValue?]) {
        output.removeAll(keepingCapacity: true)
        copied = position
        var values = [JSONValue?](repeating: nil, count: wanted.count)
        guard peek() == UInt8(ascii: "{") else { throw Unfit() }
        try copyMembers(depth: depth)
        for member in members {
            for (index, name) in wanted.enumerated() where has(member.key, equal: name) {
                values[index] = try parsed(member.value)
            }
        }
        members.removeAll(keepingCapacity: true)
        position += 1
        flush()
        return (output, values)
    }

    /// Reads a value of the outermost object.
    mutating func value(depth: Int) throws(Unfit) -> JSONValue {
        skipBlanks()
        let start = position
        try copyValue(depth: depth)
        return try parsed(start..<position)
    }

    /// Makes sure that nothing but blanks is left.
    mutating func end() throws(Unfit) {
        skipBlanks()
        guard position == bytes.count else { throw Unfit() }
    }

    /// Whether a part of the text has these bytes.
    func has(_ range: Range<Int>, equal name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { bytes[range].elementsEqual($0) }
    }

    /// A part of the text that is the inside of a string without escapes.
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The value that stands there and has been copied before, so that a string without escapes is known to be good.
    private func parsed(_ range: Range<Int>) throws(Unfit) -> JSONValue {
        if range.count >= 2, bytes[range.lowerBound] == UInt8(ascii: "\""), !bytes[range].contains(UInt8(ascii: "\\")) {
            return .string(text(range.dropFirst().dropLast()))
        }
        do throws(JSONError) {
            return try JSONValue(parsing: bytes[range], maximumDepth: maximumDepth)
        } catch {
            throw Unfit()
        }
    }
}

// MARK: - Values

extension JSONCopier {
    private mutating func copyValue(depth: Int) throws(Unfit) {
        guard let byte = peek() else { throw Unfit() }
        switch byte {
        case UInt8(ascii: "\""): _ = try copyString()
        case UInt8(ascii: "{"):
            let first = members.count
            try copyMembers(depth: depth + 1)
            members.removeSubrange(first...)
            position += 1
        case UInt8(ascii: "["): try copyArray(depth: depth + 1)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try copyNumber()
        case UInt8(ascii: "t"): try skip("true")
        case UInt8(ascii: "f"): try skip("false")
        case UInt8(ascii: "n"): try skip("null")
        default: throw Unfit()
        }
    }

    /// Copies an object up to its closing brace, which is next then. Its members are left on the stack.
    private mutating func copyMembers(depth: Int) throws(Unfit) {
        guard depth <= maximumDepth else { throw Unfit() }
        position += 1
        let first = members.count
        var isSorted = true
        skipBlanks()
        if peek() == UInt8(ascii: "}") { return }
        while true {
            skipBlanks()
            let start = outputEnd
            let key = try copyKey()
            skipBlanks()
            let value = position
            try copyValue(depth: depth)
            if members.count > first, let last = members.last, !isLess(last.key, key) { isSorted = false }
            members.append(Member(key: key, value: value..<position, copy: start..<outputEnd))
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            guard peek() == UInt8(ascii: "}") else { throw Unfit() }
            if !isSorted { try sort(from: first) }
            return
        }
    }

    /// Puts the last members into the order of their keys, in the output as well.
    private mutating func sort(from first: Int) throws(Unfit) {
        flush()
        let start = members[first].copy.lowerBound
        var list = Array(members[first...])
        list.sort { isLess($0.key, $1.key) }
        reordered.removeAll(keepingCapacity: true)
        var former: Member?
        for member in list {
            if let former {
                // The same key twice: the parser knows which one counts.
                guard isLess(former.key, member.key) else { throw Unfit() }
                reordered.append(UInt8(ascii: ","))
            }
            reordered.append(contentsOf: output[member.copy])
            former = member
        }
        output.replaceSubrange(start..., with: reordered)
    }

    private mutating func copyArray(depth: Int) throws(Unfit) {
        guard depth <= maximumDepth else { throw Unfit() }
        position += 1
        skipBlanks()
        if take(UInt8(ascii: "]")) { return }
        while true {
            skipBlanks()
            try copyValue(depth: depth)
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            return try expect(UInt8(ascii: "]"))
        }
    }

    private mutating func skip(_ word: StaticString) throws(Unfit) {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, has(position..<end, equal: word) else { throw Unfit() }
        position = end
    }

    /// Whole numbers of few digits are written as they are; any other is spelled anew.
    private mutating func copyNumber() throws(Unfit) {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let digits = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        let count = position - digits
        let isPlain = (1...18).contains(count) && (bytes[digits] != UInt8(ascii: "0") || start == position - 1)
        if isPlain, !isNumberByte(peek()) { return }
        while isNumberByte(peek()) { position += 1 }
        try rewrite(from: start)
    }

    private func isNumberByte(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"),
            UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Writes the value that stands between `start` and here as the serialiser would.
    private mutating func rewrite(from start: Int) throws(Unfit) {
        let value = try parsed(start..<position)
        output.append(contentsOf: bytes[copied..<start])
        value.serialize(into: &output)
        copied = position
    }
}

// MARK: - Strings

extension JSONCopier {
    /// Copies a key and its colon. Keys are compared by their bytes, so one with escapes is unfit, and one that is not
    /// ASCII as well: two spellings of a letter would be the same key to the parser.
    private mutating func copyKey() throws(Unfit) -> Range<Int> {
        let start = position + 1
        guard peek() == UInt8(ascii: "\""), try copyString() else { throw Unfit() }
        let end = position - 1
        skipBlanks()
        try expect(UInt8(ascii: ":"))
        return start..<end
    }

    /// Copies a string; whether it is ASCII without escapes.
    private mutating func copyString() throws(Unfit) -> Bool {
        let start = position
        guard let found = bytes.withUnsafeBufferPointer({ JSONStringScan($0, from: start + 1) }) else { throw Unfit() }
        position = found.end
        if found.isSpelledOtherwise { try rewrite(from: start) }
        return found.isPlain
    }

    private func isLess(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
        bytes[a].lexicographicallyPrecedes(bytes[b])
    }
}

// MARK: - Bytes

extension JSONCopier {
    @inline(__always)
    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(Unfit) {
        guard take(byte) else { throw Unfit() }
    }

    /// Blanks between tokens are left out.
    @inline(__always)
    private mutating func skipBlanks() {
        guard let byte = peek(), byte <= 0x20 else { return }
        let start = position
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
        output.append(contentsOf: bytes[copied..<start])
        copied = position
    }

    private mutating func flush() {
        output.append(contentsOf: bytes[copied..<position])
        copied = position
    }
}
