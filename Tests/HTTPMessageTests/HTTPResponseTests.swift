import HTTPMessage
import Testing

@Suite("Response")
struct HTTPResponseTests {
    @Test("a JSON answer has its type first and sorted keys")
    func json() {
        let response = HTTPResponse.json(status: 503, ["status": "x", "code": 1], headers: [(.retryAfter, "2")])
        #expect(response.status == 503)
        #expect(response.headers.map(\.name) == [.contentType, .retryAfter])
        #expect(response[.contentType] == "application/json")
        #expect(response.body == Array(#"{"code":1,"status":"x"}"#.utf8))
        #expect(HTTPResponse.json("pong").body == Array("\"pong\"".utf8))
    }
}
