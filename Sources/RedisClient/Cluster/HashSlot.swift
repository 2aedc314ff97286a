/// The slots that keys of a cluster are spread over: CRC16 of the key's hash tag, modulo 16,384 (Redis cluster
/// specification, "Key distribution model").
enum HashSlot {
    /// How many slots there are.
    static let count = 16_384

    /// The slot of a key.
    static func of(_ key: some Collection<UInt8>) -> UInt16 { crc16(hashed(key)) % UInt16(count) }

    /// The slot of a key as a command's argument.
    static func of(_ key: RedisArgument) -> UInt16 {
        switch key {
        case .string(let text): of(text.utf8)
        case .bytes(let bytes): of(bytes)
        case .integer(let number): of(String(number).utf8)
        }
    }

    /// What is between the first `{` and the next `}`, unless that is nothing; else the whole key.
    private static func hashed<Key: Collection<UInt8>>(_ key: Key) -> Key.SubSequence {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return key[...] }
        let rest = key[key.index(after: open)...]
        guard let close = rest.firstIndex(of: UInt8(ascii: "}")), close > rest.startIndex else { return key[...] }
        return rest[..<close]
    }

    /// CRC-16/XMODEM: polynomial 0x1021, from 0.
    static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var crc: UInt16 = 0
        for byte in bytes { crc = (crc << 8) ^ table[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ byte)] }
        return crc
    }

    private static let table: [UInt16] = (0..<256).map { index in
        var crc = UInt16(index) << 8
        for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : (crc << 1) ^ 0x1021 }
        return crc
    }
}
