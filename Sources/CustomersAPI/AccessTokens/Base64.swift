extension [UInt8] {
    /// Decodes base64 with the URL alphabet and without padding, as in a JWT (RFC 7515 section 2); nil for anything
    /// else, so that one token has one spelling.
    init?(base64URL text: some Collection<UInt8>) {
        self.init(
            base64: text.lazy.map { byte in
                switch byte {
                case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): 0
                default: byte
                }
            })
    }

    /// Decodes base64 with either alphabet, padded or not; nil for anything else.
    init?(base64 text: some Collection<UInt8>) {
        self = []
        reserveCapacity(text.count / 4 * 3 + 2)
        var group: UInt32 = 0
        var bits = 0
        var padding = 0
        for byte in text {
            let value: UInt32
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(byte - UInt8(ascii: "A"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(byte - UInt8(ascii: "a")) + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(byte - UInt8(ascii: "0")) + 52
            case UInt8(ascii: "-"), UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "_"), UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="):
                padding += 1
                continue
            default: return nil
            }
            guard padding == 0 else { return nil }
            group = group << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
                group &= (1 << UInt32(bits)) - 1
            }
        }
        // A lone last character, set spare bits, or more padding than a group can want are other people's mistakes.
        guard padding <= 2, bits < 6, group == 0 else { return nil }
    }
}
