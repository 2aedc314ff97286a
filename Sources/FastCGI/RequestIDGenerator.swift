/// Makes request ids where the web server gives none: 32 hexadecimal digits, unique but not secret. One for each loop.
struct RequestIDGenerator {
    private var state: (UInt64, UInt64)

    init() {
        var random = SystemRandomNumberGenerator()
        state = (random.next(), random.next() | 1)
    }

    mutating func next() -> String {
        let words = (word(), word())
        return String(unsafeUninitializedCapacity: 32) { text in
            for index in 0..<32 {
                let bits = index < 16 ? words.0 : words.1
                let digit = UInt8(truncatingIfNeeded: bits >> (UInt64(index & 15) &* 4)) & 15
                text[index] = digit < 10 ? 48 &+ digit : 87 &+ digit
            }
            return 32
        }
    }

    /// xoroshiro128++ (Blackman and Vigna): a few instructions a word, no system call.
    private mutating func word() -> UInt64 {
        let (first, second) = state
        let result = rotated(first &+ second, by: 17) &+ first
        let mixed = first ^ second
        state = (rotated(first, by: 49) ^ mixed ^ (mixed << 21), rotated(mixed, by: 28))
        return result
    }

    private func rotated(_ word: UInt64, by bits: UInt64) -> UInt64 { word << bits | word >> (64 &- bits) }
}
