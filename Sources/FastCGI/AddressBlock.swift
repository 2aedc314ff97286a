internal import Glibc

/// The IP addresses that begin with the same bits: `10.0.0.7` alone, `10.0.0.0/24`, `fd00:1::7`, `fd00:1::/64`.
public struct AddressBlock: Sendable, Hashable, CustomStringConvertible {
    /// IPv6; IPv4 as `::ffff:a.b.c.d`, which is how a peer looks on a socket for both.
    private let bits: UInt128
    private let mask: UInt128
    /// The block as it was written.
    public let description: String

    private static let allowed = "write 10.0.0.7, 10.0.0.0/24, fd00::7 or fd00::/64"

    /// Reads an address, with or without the number of its leading bits that count. Names are not looked up.
    ///
    /// - Throws: ``FastCGIError`` with code `badAddress`, saying what is wrong and what is allowed. Bits set beyond the
    ///   length are wrong, and so is length 0, which would be everybody.
    public init(_ text: String) throws(FastCGIError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first.map(String.init), let address = Self.bits(of: host) else {
            throw FastCGIError(.badAddress, "\"\(text)\" is no IP address (names are not looked up): \(Self.allowed)")
        }
        let width = host.contains(":") ? 128 : 32
        var length = width
        if parts.count == 2 {
            guard parts[1].allSatisfy(\.isNumber), let number = Int(parts[1]), (0...width).contains(number) else {
                throw FastCGIError(.badAddress, "\"\(text)\" needs a number from 1 to \(width) after its slash")
            }
            guard number > 0 else {
                throw FastCGIError(
                    .badAddress, "\"\(text)\" would let everybody in, and FastCGI knows no authentication")
            }
            length = number
        }
        mask = UInt128.max << (width - length)
        guard address & ~mask == 0 else {
            throw FastCGIError(
                .badAddress,
                "\"\(text)\" has bits set after its first \(length): write the network's own address before /\(length), or "
                    + "\(host) for that one address")
        }
        bits = address
        description = text
    }

    /// Whether an address, as the kernel writes it, is in the block.
    public func contains(_ address: String) -> Bool {
        Self.bits(of: address).map { $0 & mask == bits } ?? false
    }

    private static func bits(of text: String) -> UInt128? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            return 0xFFFF_0000_0000 | UInt128(UInt32(bigEndian: four.s_addr))
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        return withUnsafeBytes(of: &six) { $0.reduce(0) { $0 << 8 | UInt128($1) } }
    }
}
