extension UnsafeRawBufferPointer {
    /// Whether the bytes are exactly `text`.
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        let other = UnsafeRawBufferPointer(start: text.utf8Start, count: count)
        var index = 0
        while index < count {
            let step = Swift.min(8, count &- index)
            guard word(at: index, count: step, filler: 0) == other.word(at: index, count: step, filler: 0) else {
                return false
            }
            index &+= 8
        }
        return true
    }

    /// Whether the bytes begin with `HTTP_`, as the parameters do that carry a client's header field.
    var isFieldName: Bool {
        // "HTTP" as a little-endian number.
        count >= 5 && word(at: 0, count: 4, filler: 0) == 0x5054_5448 && self[4] == UInt8(ascii: "_")
    }

    /// Whether a byte is NUL, eight at a time.
    var containsZero: Bool {
        var index = 0
        while index < count {
            if word(at: index, count: Swift.min(8, count &- index), filler: 1).hasZeroByte { return true }
            index &+= 8
        }
        return false
    }

    /// Up to eight bytes as a little-endian number; places beyond `length`, which is 1–8, are `filler`. The bytes must
    /// be there.
    func word(at offset: Int, count length: Int, filler: UInt8) -> UInt64 {
        if length == 8 { return UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
        var word = UInt64(filler) &* 0x0101_0101_0101_0101 << (UInt64(length) &* 8)
        for index in 0..<length { word |= UInt64(self[offset &+ index]) << (UInt64(index) &* 8) }
        return word
    }
}

extension UInt64 {
    /// Whether one of the eight bytes is 0.
    var hasZeroByte: Bool { (self &- 0x0101_0101_0101_0101) & ~self & 0x8080_8080_8080_8080 != 0 }
}
