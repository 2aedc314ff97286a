import FastCGIProtocol
import Testing

/// The bytes of a request without parameters or body: BEGIN_REQUEST, PARAMS end, STDIN end; id 1.
private let smallest: [UInt8] = [
    1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
    1, 4, 0, 1, 0, 0, 0, 0,
    1, 5, 0, 1, 0, 0, 0, 0,
]

@Suite("FastCGI gate: whole requests")
struct FastCGIGateTests {
    @Test("the smallest request passes")
    func smallestRequest() {
        #expect(
            verdict(smallest)
                == .complete(
                    RequestShape(length: 32, requestID: 1, keepConnection: false, parameterCount: 0, bodyLength: 0)))
    }

    @Test("id, keep flag, parameters and body are read from the bytes")
    func wholeRequest() {
        let bytes: [UInt8] = [
            1, 1, 0x12, 0x34, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0,  // keep the connection
            1, 4, 0x12, 0x34, 0, 24, 0, 0,
            14, 1, 67, 79, 78, 84, 69, 78, 84, 95, 76, 69, 78, 71, 84, 72, 51,  // CONTENT_LENGTH=3
            1, 0x80, 0, 0, 1, 65, 66,  // A=B, the value's length in its long form
            1, 4, 0x12, 0x34, 0, 0, 0, 0,
            1, 5, 0x12, 0x34, 0, 3, 5, 0, 120, 121, 122, 9, 9, 9, 9, 9,  // xyz and padding
            1, 5, 0x12, 0x34, 0, 0, 0, 0,
        ]
        #expect(
            verdict(bytes)
                == .complete(
                    RequestShape(
                        length: bytes.count, requestID: 0x1234, keepConnection: true, parameterCount: 2, bodyLength: 3))
        )
    }

    @Test("every shorter prefix of a good request is incomplete, and asks for no more bytes than there are")
    func prefixes() {
        let bytes = request(parameters: [("A", "1"), ("CONTENT_LENGTH", "5")], body: Array("hello".utf8), padding: 7)
        for length in 0..<bytes.count {
            guard case .incomplete(let atLeast) = verdict(Array(bytes[..<length])) else {
                Issue.record("prefix of \(length) bytes: \(verdict(Array(bytes[..<length])))")
                continue
            }
            #expect(atLeast > length && atLeast <= bytes.count)
        }
        #expect(verdict(bytes).isComplete)
    }

    @Test("parameters may be cut into records anywhere")
    func splitParameters() {
        let pairs =
            pair("REQUEST_METHOD", "POST") + pair("CONTENT_LENGTH", "") + pair("X", String(repeating: "y", count: 300))
        for size in 1...40 {
            var bytes = begin
            for start in stride(from: 0, to: pairs.count, by: size) {
                bytes += record(4, Array(pairs[start..<min(start + size, pairs.count)]), padding: size % 3)
            }
            #expect(verdict(bytes + record(4) + record(5)).isComplete)
        }
    }

    @Test("padding is allowed behind content, and on the last record, which is told")
    func padding() {
        let bytes =
            begin + record(4, pair("CONTENT_LENGTH", "1"), padding: 255) + record(4) + record(5, [7], padding: 255)
            + record(5, padding: 3)
        guard case .complete(let shape) = verdict(bytes) else {
            Issue.record("\(verdict(bytes))")
            return
        }
        #expect(shape.endsPadded)
        #expect(shape.length == bytes.count)
    }

    @Test("a client's header field may come twice")
    func repeatedField() {
        #expect(verdict(request(parameters: [("HTTP_COOKIE", "a"), ("HTTP_COOKIE", "b")])).isComplete)
    }

    @Test("the limits themselves are allowed")
    func limitsReached() {
        #expect(verdict(request(parameters: (0..<256).map { ("P\($0)", "") })).isComplete)
        #expect(verdict(request(parameters: [(String(repeating: "n", count: 256), "")])).isComplete)
        #expect(verdict(request(parameters: [("A", String(repeating: "v", count: 32_768))])).isComplete)
        // 1 + 4 + 1 + 32,768 bytes, then 1 + 4 + 1 + 32,756: 65,536 in all.
        let both = pair("A", String(repeating: "v", count: 32_768)) + pair("B", String(repeating: "w", count: 32_756))
        #expect(both.count == 65_536)
        #expect(verdict(begin + stream(4, both, size: 40_000) + record(5)).isComplete)
        let body = [UInt8](repeating: 1, count: 65_536)
        #expect(verdict(request(parameters: [("CONTENT_LENGTH", "65536")], body: body)).isComplete)
    }

    @Test("no CONTENT_LENGTH, an empty one and zeros in front are numbers")
    func contentLengthForms() {
        #expect(verdict(request(parameters: [("CONTENT_LENGTH", "")])).isComplete)
        #expect(verdict(request(parameters: [("CONTENT_LENGTH", "000")])).isComplete)
        #expect(verdict(request(parameters: [("CONTENT_LENGTH", "0002")], body: [1, 2])).isComplete)
    }

    @Test("a body over the limit is told as soon as the parameters have ended, with the request's name")
    func tooLarge() {
        let bytes = begin + record(4, pair("REQUEST_ID", "abc-1.2_Z") + pair("CONTENT_LENGTH", "65537")) + record(4)
        let large = OversizedRequest(
            requestID: 1, contentLength: 65_537, bodyOffset: bytes.count, requestName: "abc-1.2_Z")
        #expect(verdict(bytes) == .tooLarge(large))
        #expect(verdict(bytes + record(5, [1, 2, 3])) == .tooLarge(large))
        guard case .incomplete = verdict(Array(bytes.dropLast())) else {
            Issue.record("not told before the end of the parameters")
            return
        }
    }

    @Test("a number too long for any integer is a body too large, not a trap")
    func hugeContentLength() {
        let digits = String(repeating: "9", count: 5_000)
        guard case .tooLarge(let large) = verdict(request(parameters: [("CONTENT_LENGTH", digits)])) else {
            Issue.record("not too large")
            return
        }
        #expect(large.contentLength == 1_000_000_000_000_000)
        #expect(large.requestName == nil)
    }

    @Test("a request name that breaks the rule is not passed on")
    func badRequestName() {
        let parameters = [("REQUEST_ID", "a\u{0d}b"), ("CONTENT_LENGTH", "70000")]
        guard case .tooLarge(let large) = verdict(request(parameters: parameters)) else {
            Issue.record("not too large")
            return
        }
        #expect(large.requestName == nil)
    }

    @Test("a gate gives the same verdict when it is asked again")
    func reused() {
        var gate = FastCGIGate()
        let good = request(parameters: [("A", "1"), ("B", "2")])
        let first = good.withUnsafeBytes { gate.examine($0) }
        let bad = request(parameters: [("A", "1"), ("A", "2")])
        #expect(bad.withUnsafeBytes { gate.examine($0) } == .refused(.duplicateParameter))
        #expect(good.withUnsafeBytes { gate.examine($0) } == first)
    }
}
