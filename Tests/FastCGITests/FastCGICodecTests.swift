import FastCGIProtocol
import Glibc
import TestSupport
import Testing

@testable import FastCGI

@Suite("FastCGI codec")
struct FastCGICodecTests {
    private func socketPair() throws -> (Int32, Int32) {
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, ListenSocket.streamType(SOCK_NONBLOCK), 0, &pair) == 0)
        return (pair[0], pair[1])
    }

    private func received(_ descriptor: Int32) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &buffer, buffer.count)
        return Array(buffer.prefix(max(0, count)))
    }

    /// STDOUT "ok" with 6 bytes of padding, its end, END_REQUEST.
    private func answer(_ id: UInt8) -> [UInt8] {
        [
            1, 6, 0, id, 0, 2, 6, 0, 111, 107, 0, 0, 0, 0, 0, 0,
            1, 6, 0, id, 0, 0, 0, 0,
            1, 3, 0, id, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ]
    }

    @Test("there is a writer for every request, however many are in flight, each with its own id")
    func manyInFlight() throws {
        try FastCGILibrary.initialize()
        let codec = FastCGICodec()
        var pairs: [(Int32, Int32)] = []
        defer { for pair in pairs { _ = (close(pair.0), close(pair.1)) } }
        for id in 1...100 as ClosedRange<UInt16> {
            let pair = try socketPair()
            pairs.append(pair)
            let bytes = FastCGIBytes.request(id: id)
            try #require(write(pair.1, bytes, bytes.count) == bytes.count)
            guard case .request(_, _, let number) = codec.parse(pair.0, bodyLength: 0, { _, _ in }) else {
                Issue.record("request \(id) is not parsed")
                return
            }
            #expect(number == Int32(id))
        }
        for (index, pair) in pairs.enumerated().reversed() {
            let writer = try #require(codec.writer(for: Int32(index + 1), on: pair.0))
            #expect(Array("o".utf8).withUnsafeBytes { writer.write($0) })
            #expect(Array("k".utf8).withUnsafeBytes { writer.write($0) })
            #expect(writer.finish(isLast: false))
            #expect(received(pair.1) == answer(UInt8(index + 1)))
        }
    }

    @Test("a writer that is abandoned closes the descriptor at once and sends nothing")
    func abandon() throws {
        try FastCGILibrary.initialize()
        let codec = FastCGICodec()
        let pair = try socketPair()
        defer { close(pair.1) }
        let writer = try #require(codec.writer(for: 1, on: pair.0))
        #expect(Array("o".utf8).withUnsafeBytes { writer.write($0) })
        writer.abandon()
        #expect(received(pair.1).isEmpty)
        var look = pollfd(fd: pair.1, events: 0, revents: 0)
        #expect(poll(&look, 1, 0) == 1 && look.revents & Int16(POLLHUP) != 0)
    }

    @Test("what libfcgi does not take is a disagreement, not a wait")
    func disagreement() throws {
        try FastCGILibrary.initialize()
        let codec = FastCGICodec()
        let pair = try socketPair()
        defer { close(pair.1) }
        let bytes = Array(FastCGIBytes.request().dropLast(9))
        try #require(write(pair.1, bytes, bytes.count) == bytes.count)
        guard case .disagreement(isClosed: false) = codec.parse(pair.0, bodyLength: 0, { _, _ in }) else {
            Issue.record("half a body is taken")
            return
        }
        guard case .disagreement(isClosed: true) = codec.parse(pair.0, bodyLength: 0, { _, _ in }) else {
            Issue.record("nothing is taken for a request")
            return
        }
        // The other end tells; the number may be somebody else's by now.
        var look = pollfd(fd: pair.1, events: 0, revents: 0)
        #expect(poll(&look, 1, 0) == 1 && look.revents & Int16(POLLHUP) != 0)
    }

    @Test("a peer that is gone is a write error, not the end of the process")
    func writeError() throws {
        try FastCGILibrary.initialize()
        let codec = FastCGICodec()
        let pair = try socketPair()
        close(pair.1)
        let writer = try #require(codec.writer(for: 1, on: pair.0))
        let much = [UInt8](repeating: 1, count: 20_000)
        #expect(!much.withUnsafeBytes { writer.write($0) })
        writer.abandon()
    }
}
