/// Eight hexadecimal digits that make a name unique.
enum RandomSuffix {
    static func make() -> String {
        let digits = String(UInt32.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
