internal import Glibc

/// Any number of descriptors in one: a socket in whose queue they lie.
///
/// So the service manager keeps a single descriptor over a restart, however many connections nginx holds; what is
/// stored piece by piece is compared with everything stored before.
enum DescriptorParcel {
    /// Puts descriptors into a parcel and closes them.
    ///
    /// - Returns: the parcel, the caller's to close, and how many found no room; nil when there can be no parcel.
    static func pack(_ descriptors: [Int32]) -> (parcel: Int32, left: Int)? {
        defer { for descriptor in descriptors { close(descriptor) } }
        var pair: [Int32] = [-1, -1]
        let type = SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        guard socketpair(AF_UNIX, Int32(truncatingIfNeeded: type), 0, &pair) == 0 else { return nil }
        defer { close(pair[1]) }
        var packed = 0
        while packed < descriptors.count {
            let portion = descriptors[packed...].prefix(DescriptorMessage.limit)
            guard DescriptorMessage.send([0], with: Array(portion), over: pair[1]) else { break }
            packed += portion.count
        }
        return (pair[0], descriptors.count - packed)
    }

    /// Takes the descriptors out and closes the parcel. What is no parcel holds none.
    static func unpack(_ parcel: Int32) -> [Int32] {
        defer { close(parcel) }
        var descriptors: [Int32] = []
        while let portion = DescriptorMessage.receive(from: parcel) { descriptors += portion }
        return descriptors
    }
}
