import Customers
import Testing

@Suite("Customers error")
struct CustomersErrorTests {
    @Test(
        "logs and admins read a sentence",
        arguments: [
            (.invalid(["b": "missing", "a": "not a UUID"]), "a: not a UUID; b: missing"),
            (.conflict("the agent is not online"), "the agent is not online"),
            (.tooManyRequests(retryAfter: 7), "the caller's limit is used up for 7 s"),
            (.noAgent, "no agent is free"),
        ] as [(CustomersError, String)])
    func sentences(error: CustomersError, text: String) {
        #expect("\(error)" == text)
    }

    @Test("a store's error is what its client said")
    func store() {
        #expect("\(StoreError("Redis timed out: 250 ms"))" == "Redis timed out: 250 ms")
    }
}
