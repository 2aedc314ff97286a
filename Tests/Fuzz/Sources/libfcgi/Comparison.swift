import FastCGIProtocol
import FuzzDriver
import Glibc
import HTTPMessage

@testable import FastCGI

/// The gate and libfcgi side by side.
final class Comparison {
    private var gate = FastCGIGate()
    private let codec = FastCGICodec()
    private var connection = Connection()

    /// Shows bytes to the gate, and to libfcgi when they pass.
    func run(_ bytes: [UInt8]) {
        guard case .complete(let shape) = bytes.withUnsafeBytes({ gate.examine($0) }) else { return }
        connection.send(bytes)
        let parsed = codec.parse(connection.ours, bodyLength: shape.bodyLength) { parameters, body in
            var pairs: [[UInt8]] = []
            var next = parameters
            while let text = next.pointee {
                pairs.append(Array(UnsafeRawBufferPointer(start: text, count: strlen(text))))
                next = next.advanced(by: 1)
            }
            let request = HTTPRequest(parameters: parameters, body: body, newID: { "new" })
            return (pairs: pairs, body: body, request: request)
        }
        guard case .request(let value, let keep, let number) = parsed else {
            return Fuzzing.expect(false, "libfcgi takes what the gate passed")
        }
        Fuzzing.expect(keep == shape.keepConnection, "both see whether the connection is kept")
        Fuzzing.expect(number == Int32(shape.requestID), "both see the same id")
        let expected = ExpectedRequest(bytes)
        // The first is libfcgi's own: FCGI_ROLE=RESPONDER.
        Fuzzing.expect(Array(value.pairs.dropFirst()) == expected.parameters, "both see the same parameters")
        Fuzzing.expect(value.body == expected.body, "both see the same body")
        let unread = connection.unread
        Fuzzing.expect(shape.endsPadded ? unread < 256 : unread == 0, "nothing is left in the socket")
        if let request = value.request { check(request) }
    }

    private func check(_ request: HTTPRequest) {
        let name = Array(request.requestID.utf8).withUnsafeBytes { RequestName.text($0) }
        Fuzzing.expect(name != nil, "a request has a harmless name")
        Fuzzing.expect(!request.method.isEmpty, "a request has a method")
        Fuzzing.expect(request.headers["proxy"] == nil, "HTTP_PROXY is ignored")
        _ = try? RequestFields(request: request)
    }
}
