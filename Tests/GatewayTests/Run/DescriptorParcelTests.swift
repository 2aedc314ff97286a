import Glibc
import Testing

@testable import Gateway

@Suite("Descriptor parcel")
struct DescriptorParcelTests {
    private func identity(_ descriptor: Int32) -> UInt64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : 0
    }

    @Test("more descriptors than a message holds come out in order, closed on exec")
    func many() throws {
        let pipes = try (0..<300).map { _ in
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            close(ends[1])
            return ends[0]
        }
        let identities = pipes.map(identity)
        let (parcel, left) = try #require(DescriptorParcel.pack(pipes))
        #expect(left == 0)
        let unpacked = DescriptorParcel.unpack(parcel)
        #expect(unpacked.map(identity) == identities)
        #expect(unpacked.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
        for descriptor in unpacked { close(descriptor) }
    }

    @Test("what waits in a packed connection is still there")
    func bytes() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }
        #expect(send(ends[1], "hello", 5, 0) == 5)
        let (parcel, _) = try #require(DescriptorParcel.pack([ends[0]]))
        let unpacked = DescriptorParcel.unpack(parcel)
        try #require(unpacked.count == 1)
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(recv(unpacked[0], &bytes, 8, 0) == 5)
        close(unpacked[0])
    }

    @Test("an empty parcel and what is none hold nothing")
    func empty() throws {
        let (parcel, _) = try #require(DescriptorParcel.pack([]))
        #expect(DescriptorParcel.unpack(parcel) == [])
        #expect(DescriptorParcel.unpack(open("/dev/null", O_RDONLY)) == [])
    }
}
