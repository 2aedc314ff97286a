import FastCGIProtocol
import Testing

@Suite("Plain answer")
struct PlainAnswerTests {
    @Test("an answer is STDOUT, its end, and END_REQUEST")
    func bytes() {
        #expect(
            PlainAnswer.bytes(requestID: 0x0102, payload: [0xaa, 0xbb]) == [
                1, 6, 1, 2, 0, 2, 0, 0, 0xaa, 0xbb,
                1, 6, 1, 2, 0, 0, 0, 0,
                1, 3, 1, 2, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ])
    }

    @Test("what does not fit into a record is cut off")
    func tooLong() {
        let bytes = PlainAnswer.bytes(requestID: 1, payload: [UInt8](repeating: 1, count: 70_000))
        #expect(bytes.count == 8 + 65_535 + 8 + 16)
    }
}
