/// The rule for request ids in logs and calls: 1–64 characters of `[A-Za-z0-9._-]` (hazards: request identity).
public enum RequestName {
    /// The name as text, or nil when the bytes break the rule.
    public static func text(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard (1...64).contains(bytes.count) else { return nil }
        for index in 0..<bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                continue
            default: return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
