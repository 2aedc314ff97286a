import Customers
@testable import CustomersAPI
import Testing

@Suite("The field Idempotency-Key")
struct IdempotencyKeyTests {
    @Test(
        "a key stands with quotes, as the draft has it, or without",
        arguments: [
            ("8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324"),
            (#""8e03978e-40d5-43e8-bc93-6894a57f9324""#, "8e03978e-40d5-43e8-bc93-6894a57f9324"),
            ("1", "1"), (#""two words""#, "two words"), (#""a\"b\\c""#, #"a"b\c"#), ("  x  ", "x"), ("a;b=c", "a;b=c"),
        ])
    func good(field: String, key: String) throws {
        #expect(try IdempotencyKey(field).text == key)
    }

    @Test("a key has 255 characters at most")
    func length() throws {
        let longest = String(repeating: "k", count: 255)
        #expect(try IdempotencyKey(longest).text == longest)
        #expect(try IdempotencyKey("\"\(longest)\"").text == longest)
        for field in [longest + "k", "\"\(longest)k\""] {
            #expect(throws: CustomersError.invalid(["Idempotency-Key": IdempotencyKey.rule])) {
                try IdempotencyKey(field)
            }
        }
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "  ", "\"\"", "two words", "ключ", "a\tb", "a\u{7f}", "\"open", "close\"", "\"a\"b", #""a\b""#, #""a\"#,
            "\"a\", \"b\"", "a,b", "\"é\"",
        ])
    func bad(field: String) {
        #expect(throws: CustomersError.invalid(["Idempotency-Key": IdempotencyKey.rule])) { try IdempotencyKey(field) }
    }
}
