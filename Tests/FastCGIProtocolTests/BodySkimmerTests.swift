import FastCGIProtocol
import Testing

@Suite("Body skimmer")
struct BodySkimmerTests {
    private let announced = OversizedRequest(requestID: 1, contentLength: 5, bodyOffset: 0)
    /// STDIN "abc" with 2 bytes of padding, STDIN "de", the end with 1 byte of padding.
    private let body: [UInt8] = [
        1, 5, 0, 1, 0, 3, 2, 0, 97, 98, 99, 0, 0,
        1, 5, 0, 1, 0, 2, 0, 0, 100, 101,
        1, 5, 0, 1, 0, 0, 1, 0, 0,
    ]

    private func progress(_ pieces: [[UInt8]]) -> BodySkimmer.Progress {
        var skimmer = BodySkimmer(announced)
        var progress = BodySkimmer.Progress.more
        for piece in pieces {
            guard progress == .more else { break }
            progress = piece.withUnsafeBytes { skimmer.take($0) }
        }
        return progress
    }

    @Test("the end is found wherever the bytes are cut")
    func cuts() {
        #expect(progress([body]) == .ended)
        for cut in 0...body.count {
            #expect(progress([Array(body[..<cut]), Array(body[cut...])]) == .ended)
        }
        #expect(progress(body.map { [$0] }) == .ended)
        #expect(progress([Array(body.dropLast())]) == .more)
    }

    @Test("other records, another length and trailing bytes are refused")
    func refusals() {
        #expect(progress([body + [1]]) == .refused(.trailingBytes))
        #expect(progress([[1, 5, 0, 2]]) == .refused(.foreignRequestID))
        #expect(progress([[1, 9]]) == .refused(.managementRecord))
        #expect(progress([[1, 4]]) == .refused(.unexpectedRecord))
        #expect(progress([[1, 5, 0, 1, 0, 6, 0, 0]]) == .refused(.bodyLength))
        #expect(progress([[1, 5, 0, 1, 0, 0, 0, 0]]) == .refused(.bodyLength))
    }
}
