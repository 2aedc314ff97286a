extension Sequence<UInt8> {
    /// Two lower-case hex digits a byte.
    public var hex: String {
        String(decoding: flatMap { [lowerHexDigit($0 >> 4), lowerHexDigit($0 & 15)] }, as: UTF8.self)
    }
}

private func lowerHexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
