/// Changes bytes at random, but the same way in every run.
struct SeededMutator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// One to four changes: a byte replaced, put in, taken out, repeated, or the end cut off.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...next(4) {
            let position = next(bytes.count + 1)
            switch next(6) {
            case 0 where position < bytes.count: bytes[position] = UInt8(next(256))
            case 1: bytes.insert(UInt8(next(256)), at: position)
            case 2 where position < bytes.count: bytes.remove(at: position)
            case 3: bytes.insert(contentsOf: bytes[position...].prefix(next(8)), at: position)
            case 4 where next(8) == 0: bytes.removeLast(bytes.count - position)
            default:
                let telling = Array("\"\\{}[],:0-.eE%+&=;\r\n-\0\u{FF}".utf8)
                bytes.insert(telling[next(telling.count)], at: position)
            }
        }
        return bytes
    }

    /// SplitMix64.
    private mutating func next(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ value >> 31) % UInt64(limit))
    }
}
