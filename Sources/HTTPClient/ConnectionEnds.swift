/// The two ends of a TCP connection, which no other open connection of this host has in common.
struct ConnectionEnds: Hashable {
    private let localPort: UInt16
    private let remotePort: UInt16
    /// Both addresses as libcurl spells them: FNV-1a, for one comparison and no allocation.
    private let addresses: UInt64

    init(
        local: UnsafePointer<CChar>?, localPort: Int32, remote: UnsafePointer<CChar>?, remotePort: Int32
    ) {
        self.localPort = UInt16(truncatingIfNeeded: localPort)
        self.remotePort = UInt16(truncatingIfNeeded: remotePort)
        addresses = Self.mix(remote, into: Self.mix(local, into: 0xCBF2_9CE4_8422_2325))
    }

    /// Whether a socket's own address has this local port.
    func hasLocalPort(_ port: UInt16) -> Bool { port == localPort }

    private static func mix(_ text: UnsafePointer<CChar>?, into start: UInt64) -> UInt64 {
        var hash = start
        if var next = text {
            while next.pointee != 0 {
                hash = (hash ^ UInt64(UInt8(bitPattern: next.pointee))) &* 0x100_0000_01B3
                next += 1
            }
        }
        // The texts' border.
        return hash &* 0x100_0000_01B3
    }
}
