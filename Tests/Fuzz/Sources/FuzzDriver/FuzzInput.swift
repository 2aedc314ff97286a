/// Takes an input apart: its first bytes choose, the rest is content. Missing bytes are 0.
public struct FuzzInput: Sendable {
    private var rest: ArraySlice<UInt8>

    /// Begins at the input's first byte.
    public init(_ bytes: UnsafeRawBufferPointer) {
        rest = Array(bytes)[...]
    }

    /// Whether all bytes have been taken.
    public var isEmpty: Bool { rest.isEmpty }

    /// The next byte.
    public mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// The next two bytes as a number.
    public mutating func word() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }

    /// Up to `count` bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        let taken = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return taken
    }

    /// The bytes up to the next `separator`, which is dropped, or to the end.
    public mutating func bytes(upTo separator: UInt8) -> [UInt8] {
        let taken = Array(rest.prefix { $0 != separator })
        rest = rest.dropFirst(taken.count + 1)
        return taken
    }

    /// All that is left.
    public mutating func remainder() -> [UInt8] { bytes(rest.count) }
}
