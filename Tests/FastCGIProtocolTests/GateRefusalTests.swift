import FastCGIProtocol
import Testing

/// A shape that must be refused, and the number of its bytes at which that is decided.
struct BadShape: Sendable, CustomTestStringConvertible {
    let refusal: GateRefusal
    let what: String
    let bytes: [UInt8]
    /// Nil: only at the last byte.
    let decidedAt: Int
    var testDescription: String { "\(refusal.rawValue): \(what)" }

    init(_ refusal: GateRefusal, _ what: String, _ bytes: [UInt8], at decided: Int? = nil) {
        self.refusal = refusal
        self.what = what
        self.bytes = bytes
        decidedAt = decided ?? bytes.count
    }
}

private let ended = record(4)
private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

private let recordShapes: [BadShape] = [
    BadShape(.version, "first byte 0", [0], at: 1),
    BadShape(.version, "first byte 2", [2, 1, 0, 1], at: 1),
    BadShape(.version, "second record", begin + [9], at: 17),
    BadShape(.managementRecord, "GET_VALUES", [1, 9], at: 2),
    BadShape(.managementRecord, "GET_VALUES_RESULT", [1, 10], at: 2),
    BadShape(.managementRecord, "UNKNOWN_TYPE", [1, 11], at: 2),
    BadShape(.managementRecord, "BEGIN_REQUEST with id 0", [1, 1, 0, 0], at: 4),
    BadShape(.managementRecord, "PARAMS with id 0", begin + [1, 4, 0, 0], at: 20),
    BadShape(.managementRecord, "GET_VALUES within the body", begin + ended + [1, 9], at: 26),
    BadShape(.unknownType, "type 0", [1, 0], at: 2),
    BadShape(.unknownType, "type 12", [1, 12], at: 2),
    BadShape(.unknownType, "type 255 within the parameters", begin + [1, 255], at: 18),
    BadShape(.unexpectedRecord, "STDOUT first", [1, 6], at: 2),
    BadShape(.unexpectedRecord, "STDERR within the parameters", begin + [1, 7], at: 18),
    BadShape(.unexpectedRecord, "END_REQUEST within the body", begin + ended + [1, 3], at: 26),
    BadShape(.unexpectedRecord, "STDIN before the parameters have ended", begin + [1, 5], at: 18),
    BadShape(.unexpectedRecord, "PARAMS after they have ended", begin + ended + [1, 4], at: 26),
    BadShape(.abortRequest, "first", [1, 2], at: 2),
    BadShape(.abortRequest, "within the parameters", begin + [1, 2], at: 18),
    BadShape(.abortRequest, "within the body", begin + ended + [1, 2], at: 26),
    BadShape(.dataRecord, "first", [1, 8], at: 2),
    BadShape(.dataRecord, "within the body", begin + ended + [1, 8], at: 26),
    BadShape(.foreignRequestID, "PARAMS of id 2", begin + [1, 4, 0, 2], at: 20),
    BadShape(.foreignRequestID, "empty PARAMS of id 257", begin + [1, 4, 1, 1], at: 20),
    BadShape(.foreignRequestID, "STDIN of id 2", begin + ended + [1, 5, 0, 2], at: 28),
    BadShape(.missingBegin, "PARAMS first", [1, 4], at: 2),
    BadShape(.missingBegin, "STDIN first", [1, 5], at: 2),
    BadShape(.secondBegin, "within the parameters", begin + [1, 1], at: 18),
    BadShape(.secondBegin, "within the body", begin + ended + [1, 1], at: 26),
    BadShape(.beginLength, "7 bytes", [1, 1, 0, 1, 0, 7, 0, 0], at: 8),
    BadShape(.beginLength, "no bytes", [1, 1, 0, 1, 0, 0, 0, 0], at: 8),
    BadShape(.beginLength, "2,048 bytes", [1, 1, 0, 1, 8, 0, 0, 0], at: 8),
    BadShape(.role, "authorizer", [1, 1, 0, 1, 0, 8, 0, 0, 0, 2], at: 10),
    BadShape(.role, "filter", [1, 1, 0, 1, 0, 8, 0, 0, 0, 3], at: 10),
    BadShape(.role, "role 256", [1, 1, 0, 1, 0, 8, 0, 0, 1], at: 9),
    BadShape(.role, "role 0", [1, 1, 0, 1, 0, 8, 0, 0, 0, 0], at: 10),
    BadShape(.misplacedPadding, "on BEGIN_REQUEST", [1, 1, 0, 1, 0, 8, 1, 0], at: 8),
    BadShape(.misplacedPadding, "on the end of the parameters", begin + [1, 4, 0, 1, 0, 0, 8, 0], at: 24),
    BadShape(.bodyLength, "a body without CONTENT_LENGTH", begin + ended + [1, 5, 0, 1, 0, 1, 0, 0], at: 32),
    BadShape(.bodyLength, "less", request(parameters: [("CONTENT_LENGTH", "4")], body: [1, 2, 3])),
    BadShape(.bodyLength, "none", request(parameters: [("CONTENT_LENGTH", "4")])),
    BadShape(
        .bodyLength, "more in the second record",
        begin + record(4, pair("CONTENT_LENGTH", "2")) + ended + record(5, [1, 2]) + [1, 5, 0, 1, 0, 1, 0, 0]),
    BadShape(.trailingBytes, "one byte", request() + [1]),
    BadShape(.trailingBytes, "a second request", request() + request(), at: 33),
    BadShape(
        .trailingBytes, "a second request behind a body",
        request(parameters: [("CONTENT_LENGTH", "1")], body: [1]) + begin, at: 67),
    BadShape(
        .requestLength, "padding only",
        begin
            + record(4, pair("CONTENT_LENGTH", "2000")) + ended
            + (0..<1_000).flatMap { _ in record(5, [1], padding: 255) }, at: 261_948),
]

private let parameterShapes: [BadShape] = [
    BadShape(.parameterCount, "257", request(parameters: (0..<257).map { ("P\($0)", "") }), at: 1_451),
    BadShape(
        .parametersLength, "a second record that is too much",
        begin + record(4, pair("A", text(32_768)) + pair("B", text(20_000))) + [1, 4, 0, 1, 0x80, 0, 0, 0], at: 52_812),
    BadShape(
        .parametersLength, "a pair that cannot end in time",
        begin + record(4, pair("A", text(32_768)) + [1] + length(32_760) + Array("B".utf8)), at: 32_803),
    BadShape(.parametersTruncated, "only a name's length", begin + record(4, [5]) + ended),
    BadShape(.parametersTruncated, "half a long length", begin + record(4, [0x80, 0]) + ended),
    BadShape(.parametersTruncated, "within a name", begin + record(4, [5, 1, 65]) + ended),
    BadShape(.parametersTruncated, "no value", begin + record(4, [1, 1, 65]) + ended),
    BadShape(.parametersTruncated, "within a value", begin + record(4, [1, 3, 65, 66]) + ended),
    BadShape(.parameterNameLength, "empty", begin + [1, 4, 0, 1, 0, 2, 0, 0, 0], at: 25),
    BadShape(.parameterNameLength, "257", begin + [1, 4, 0, 1, 1, 9, 0, 0, 0x80, 0, 1, 1], at: 28),
    BadShape(
        .parameterNameLength, "65,536, at the second byte of four", begin + [1, 4, 0, 1, 1, 9, 0, 0, 0x80, 1], at: 26),
    BadShape(
        .parameterNameLength, "16 MiB, at the first byte of four", begin + [1, 4, 0, 1, 1, 9, 0, 0, 0x81], at: 25),
    BadShape(.parameterValueLength, "32,769", begin + [1, 4, 0, 1, 1, 9, 0, 0, 1, 0x80, 0, 0x80, 1], at: 29),
    BadShape(.parameterValueLength, "the largest number", begin + [1, 4, 0, 1, 1, 9, 0, 0, 1, 0xff], at: 26),
    BadShape(.parameterName, "=", begin + [1, 4, 0, 1, 0, 9, 0, 0, 3, 0, 65, 61], at: 28),
    BadShape(.parameterName, "NUL", begin + [1, 4, 0, 1, 0, 9, 0, 0, 3, 0, 0], at: 27),
    BadShape(.parameterValue, "NUL", begin + [1, 4, 0, 1, 0, 99, 0, 0, 1, 9, 65, 66, 0], at: 29),
    BadShape(.parameterValue, "NUL in the ninth place", request(parameters: [("A", "12345678\u{0}")]), at: 36),
    BadShape(
        .parameterValue, "NUL in the fifth place of many", request(parameters: [("A", "1234\u{0}" + text(20))]), at: 32),
    BadShape(.contentLength, "a letter", begin + record(4, pair("CONTENT_LENGTH", "1x"))),
    BadShape(.contentLength, "a sign", begin + record(4, pair("CONTENT_LENGTH", "+1"))),
    BadShape(.contentLength, "negative", begin + record(4, pair("CONTENT_LENGTH", "-1"))),
    BadShape(.contentLength, "a space", begin + record(4, pair("CONTENT_LENGTH", " 1"))),
    BadShape(.contentLength, "a list", begin + record(4, pair("CONTENT_LENGTH", "1,1"))),
]

private let onlyOnce = [
    "REMOTE_ADDR", "REMOTE_PORT", "REMOTE_USER", "REQUEST_METHOD", "REQUEST_URI", "REQUEST_SCHEME", "REQUEST_ID",
    "CONTENT_LENGTH", "CONTENT_TYPE", "QUERY_STRING", "SCRIPT_NAME", "SCRIPT_FILENAME", "DOCUMENT_URI", "DOCUMENT_ROOT",
    "PATH_INFO", "SERVER_NAME", "SERVER_PORT", "SERVER_ADDR", "SERVER_PROTOCOL", "SERVER_SOFTWARE", "GATEWAY_INTERFACE",
    "HTTPS", "HTTP_AUTHORIZATION", "HTTP_HOST", "HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "HTTP_TRANSFER_ENCODING",
]

@Suite("FastCGI gate: refusals")
struct GateRefusalTests {
    @Test(
        "each bad shape is refused with its reason, as soon as its bytes say so",
        arguments: recordShapes + parameterShapes)
    func refused(_ shape: BadShape) {
        #expect(verdict(shape.bytes) == .refused(shape.refusal))
        #expect(verdict(Array(shape.bytes.prefix(shape.decidedAt))) == .refused(shape.refusal))
        let before = verdict(Array(shape.bytes.prefix(shape.decidedAt - 1)))
        #expect(before != .refused(shape.refusal), "one byte less decides nothing")
    }

    @Test("a name of the web server may come once only", arguments: onlyOnce)
    func duplicates(_ name: String) {
        let others = (0..<40).map { ("P\($0)", "") }
        #expect(verdict(request(parameters: [(name, "1")] + others + [(name, "1")])) == .refused(.duplicateParameter))
        #expect(verdict(request(parameters: [(name, "")] + others)).isComplete)
    }

    @Test("a duplicate is found across records")
    func duplicateAcrossRecords() {
        let pairs = pair("REMOTE_ADDR", "192.0.2.1") + pair("REMOTE_ADDR", "192.0.2.2")
        #expect(verdict(begin + stream(4, pairs, size: 5) + record(5)) == .refused(.duplicateParameter))
    }

    @Test("every reason has a shape here")
    func allReasons() {
        let covered = Set((recordShapes + parameterShapes).map(\.refusal) + [.duplicateParameter])
        #expect(Set(GateRefusal.allCases).subtracting(covered).isEmpty)
    }

    @Test("every reason can be a label of a metric")
    func labels() {
        for refusal in GateRefusal.allCases {
            #expect(refusal.rawValue.allSatisfy { $0.isASCII && ($0.isLowercase || $0 == "_") })
        }
    }
}
