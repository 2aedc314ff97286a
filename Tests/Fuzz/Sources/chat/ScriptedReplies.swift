import FuzzDriver
import Synchronization

@testable import HTTPClient

/// In the place of an HTTP client: each request gets the next reply of the input, and after the last one there is no
/// server any more. A reply is a status of two bytes, header lines up to a NUL, and a body up to the next NUL; a status
/// below 100 is a connection that fails.
final class ScriptedReplies: HTTPSender {
    let executor: any TaskExecutor
    private let input: Mutex<FuzzInput>

    init(_ input: FuzzInput, executor: any TaskExecutor) {
        self.input = Mutex(input)
        self.executor = executor
    }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientReply {
        Fuzzing.expect(request.url.hasPrefix("http://chat.example.com/api/"), "only the chat server is called")
        let next = input.withLock { input -> (Int, [UInt8], [UInt8])? in
            guard !input.isEmpty else { return nil }
            return (Int(input.word() % 700), input.bytes(upTo: 0), input.bytes(upTo: 0))
        }
        guard let (status, head, body) = next else { throw HTTPClientError(code: .connectFailed, message: "gone") }
        guard status >= 100 else {
            let codes: [HTTPClientError.Code] = [.reset, .timedOut, .tooLarge, .malformedReply, .overloaded]
            throw HTTPClientError(code: codes[status % codes.count], message: "as the input says")
        }
        guard body.count <= request.replyLimit ?? .max else {
            throw HTTPClientError(code: .tooLarge, message: "over the limit")
        }
        let type = "Content-Type: application/json\r\n"
        return HTTPClientReply(status: status, body: body, head: head + Array((head.isEmpty ? type : "").utf8))
    }
}
