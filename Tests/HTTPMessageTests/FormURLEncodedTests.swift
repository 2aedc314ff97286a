import HTTPMessage
import Testing

@Suite("Form and query string")
struct FormURLEncodedTests {
    @Test(
        "names and values are decoded in order",
        arguments: [
            ("", []), ("a=1", ["a", "1"]), ("a=1&b=2", ["a", "1", "b", "2"]), ("a", ["a", ""]), ("a=", ["a", ""]),
            ("=x", ["", "x"]), ("a=b=c", ["a", "b=c"]), ("&&a=1&", ["a", "1"]), ("a+b=c+d", ["a b", "c d"]),
            ("a%20b=%2B%26%3d", ["a b", "+&="]), ("name=%E6%9D%8E%e9%9B%B7", ["name", "李雷"]),
            ("name=李", ["name", "李"]),
            ("a;b=1", ["a;b", "1"]), ("a=%2500", ["a", "%00"]),
        ])
    func decoding(text: String, expected: [String]) throws {
        let form = try FormURLEncoded(parsing: text.utf8)
        #expect(form.fields.flatMap { [$0.name, $0.value] } == expected)
    }

    @Test(
        "what two readers could take for different things is refused",
        arguments: [
            ("a=%", .badEscape(offset: 2)), ("a=%2", .badEscape(offset: 2)), ("a=1&b=%zz", .badEscape(offset: 6)),
            ("a=%u4e2d", .badEscape(offset: 2)), ("%=1", .badEscape(offset: 0)), ("a=%2&b=1", .badEscape(offset: 2)),
            ("a=%00", .nul), ("a\0=1", .nul), ("a=%C0%80", .invalidUTF8), ("a=%ED%A0%80", .invalidUTF8),
            ("%ff=1", .invalidUTF8),
        ] as [(String, FormError)])
    func refusals(text: String, error: FormError) {
        #expect(throws: error) { try FormURLEncoded(parsing: text.utf8) }
    }

    @Test("of two fields with one name the first counts")
    func duplicates() throws {
        #expect(try FormURLEncoded(parsing: "room_id=mine&room_id=yours".utf8)["room_id"] == "mine")
    }

    @Test("256 fields are read, 257 are refused")
    func fieldLimit() throws {
        let text = { (count: Int) in (0..<count).map { "f\($0)=1" }.joined(separator: "&") }
        #expect(try FormURLEncoded(parsing: text(256).utf8).fields.count == 256)
        #expect(throws: FormError.tooManyFields) { try FormURLEncoded(parsing: text(257).utf8) }
    }

    @Test("errors say what is wrong")
    func errorTexts() {
        #expect(FormError.badEscape(offset: 2).description == "bad percent escape at byte 2")
        #expect(FormError.tooManyFields.description == "more than 256 fields")
        #expect(FormError.badPart("header too long").description == "multipart part: header too long")
    }

    @Test("any change of a good form gives fields or an error, never a trap")
    func mutations() {
        let seed = Array("name=%E6%9D%8E+Lei&room_id=GENERAL&empty=&x=%2B".utf8)
        var mutator = SeededMutator(seed: 2)
        for _ in 0..<20_000 {
            guard let form = try? FormURLEncoded(parsing: mutator.mutate(seed)) else { continue }
            #expect(!form.fields.contains { $0.name.utf8.contains(0) || $0.value.utf8.contains(0) })
        }
    }
}
