import HTTPMessage
import Testing

@testable import FastCGI

@Suite("Response head")
struct ResponseHeadTests {
    private func text(_ response: HTTPResponse) -> String? {
        var head = ResponseHead()
        return head.encode(response).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("status line, fields in order, length, empty line")
    func bytes() {
        let response = HTTPResponse(
            status: 429, headers: [(.retryAfter, "5"), (.contentType, "application/json")], body: [1, 2, 3])
        #expect(
            text(response)
                == "Status: 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n"
        )
    }

    @Test("lengths of any number of digits are right", arguments: [0, 9, 10, 99, 100, 65_536, 1_000_000])
    func lengths(_ length: Int) {
        let response = HTTPResponse(status: 200, body: [UInt8](repeating: 0, count: length))
        #expect(text(response) == "Status: 200 OK\r\nContent-Length: \(length)\r\n\r\n")
    }

    @Test("a status outside of 200–599 is refused", arguments: [0, -1, 100, 199, 600, 99_999])
    func badStatus(_ status: Int) {
        #expect(text(HTTPResponse(status: status)) == nil)
    }

    @Test("a head longer than web servers take is refused")
    func tooLong() {
        let long = String(repeating: "x", count: 3_900)
        #expect(text(HTTPResponse(status: 200, headers: [(.allow, long)])) != nil)
        #expect(text(HTTPResponse(status: 200, headers: [(.allow, long + long)])) == nil)
        #expect(text(HTTPResponse(status: 200, headers: [(.allow, String(repeating: "x", count: 3_995))])) == nil)
    }

    @Test("text beyond ASCII passes")
    func unicode() {
        #expect(text(HTTPResponse(status: 200, headers: [(.allow, "é")]))?.contains("Allow: é\r\n") == true)
    }
}
