internal import Crypto

/// UUIDs as text: what comes in is normalised, what we make is derived.
enum UUIDText {
    /// Lower case with dashes from a dashed UUID or 32 hex digits in any case; nil for anything else.
    static func normalise(_ text: some StringProtocol) -> String? {
        let bytes = Array(text.utf8)
        let isDashed = bytes.count == 36
        guard isDashed || bytes.count == 32 else { return nil }
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for (index, byte) in bytes.enumerated() {
            if isDashed, index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): digits.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digits.append(byte | 0x20)
            default: return nil
            }
        }
        return digits.count == 32 ? dashed(digits) : nil
    }

    /// A version 5 UUID (RFC 9562 section 5.5): the same names give the same id for ever, with nothing stored.
    static func derived(namespace: TenantID, name: String) -> String {
        var hash = Insecure.SHA1()
        hash.update(data: bytes(of: namespace))
        hash.update(data: Array(name.utf8))
        var bytes = Array(hash.finalize().prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        return dashed(Array(bytes.hex.utf8))
    }

    private static func bytes(of id: TenantID) -> [UInt8] {
        let digits = Array(id.undashed.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map { value(digits[$0]) << 4 | value(digits[$0 + 1]) }
    }

    private static func value(_ digit: UInt8) -> UInt8 {
        digit < UInt8(ascii: "a") ? digit &- UInt8(ascii: "0") : digit &- UInt8(ascii: "a") &+ 10
    }

    private static func dashed(_ digits: [UInt8]) -> String {
        var text = ""
        text.reserveCapacity(36)
        for (index, digit) in digits.enumerated() {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append("-") }
            text.unicodeScalars.append(Unicode.Scalar(digit))
        }
        return text
    }
}

extension Sequence<UInt8> {
    /// Two lower-case hex digits a byte.
    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text = ""
        for byte in self {
            text.unicodeScalars.append(Unicode.Scalar(digits[Int(byte >> 4)]))
            text.unicodeScalars.append(Unicode.Scalar(digits[Int(byte & 15)]))
        }
        return text
    }
}
