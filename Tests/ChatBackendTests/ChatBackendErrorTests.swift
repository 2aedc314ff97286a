import ChatBackend
import Testing

@Suite("Chat backend error")
struct ChatBackendErrorTests {
    @Test(
        "logs and admins read a sentence",
        arguments: [
            (.refused(code: "error-not-allowed"), "the chat server refuses: error-not-allowed"),
            (.rateLimited(retryAfter: 42), "the chat server's rate limit is used up for 42 s"),
            (.rateLimited(retryAfter: nil), "the chat server's rate limit is used up"),
            (.unavailable("status 503"), "the chat server is away: status 503"),
            (.contract("me: no _id"), "the chat server's answer cannot be used: me: no _id"),
            (.timedOut, "the chat server is too slow"),
        ] as [(ChatBackendError, String)])
    func sentences(error: ChatBackendError, text: String) {
        #expect("\(error)" == text)
    }
}
