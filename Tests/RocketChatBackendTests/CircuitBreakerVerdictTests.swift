import HTTPClient
import Testing

@testable import RocketChatBackend

@Suite("Circuit breaker: what counts as a failure")
struct CircuitBreakerVerdictTests {
    @Test("the server's own refusals are answers, in whatever form", arguments: [200, 301, 400, 401, 403, 404, 429])
    func answers(status: Int) {
        #expect(CircuitBreaker.Verdict(reply(status, "application/json")) == .answered)
        guard status != 200 else { return }
        #expect(CircuitBreaker.Verdict(reply(status, "text/html")) == .answered)
    }

    @Test("a failing server, a proxy's page and a maintenance page are failures")
    func pages() {
        for status in [500, 502, 503, 504] {
            #expect(CircuitBreaker.Verdict(reply(status, "application/json")) == .failed("status \(status)"))
            #expect(CircuitBreaker.Verdict(reply(status, "text/html")) == .failed("status \(status)"))
        }
        #expect(CircuitBreaker.Verdict(reply(200, "Text/HTML; charset=utf-8")) == .failed("a web page"))
    }

    @Test(
        "without a reply, what is the server's fault is a failure, what is ours is not",
        arguments: [
            (HTTPClientError.Code.connectFailed, CircuitBreaker.Verdict.failed("no connection")),
            (.reset, .failed("connection lost")), (.timedOut, .failed("no answer in time")), (.tooLarge, .answered),
            (.malformedReply, .answered), (.overloaded, .unknown), (.invalidRequest, .unknown), (.cancelled, .unknown),
        ])
    func errors(code: HTTPClientError.Code, verdict: CircuitBreaker.Verdict) {
        let error = HTTPClientError(code: code, message: "")
        #expect(CircuitBreaker.Verdict(error, granted: 10_000, usual: 10_000) == verdict)
    }

    @Test("a call that hardly had time says nothing when it times out")
    func hurried() {
        let error = HTTPClientError(code: .timedOut, message: "")
        #expect(CircuitBreaker.Verdict(error, granted: 999, usual: 10_000) == .unknown)
        #expect(CircuitBreaker.Verdict(error, granted: 1_000, usual: 10_000) == .failed("no answer in time"))
        // Where every call has so little, it is what is meant.
        #expect(CircuitBreaker.Verdict(error, granted: 200, usual: 200) == .failed("no answer in time"))
    }

    private func reply(_ status: Int, _ type: String) -> HTTPClientReply {
        HTTPClientReply(status: status, headers: [("Content-Type", type)])
    }
}
