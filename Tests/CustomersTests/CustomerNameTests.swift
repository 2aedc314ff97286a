@testable import Customers
import Testing

@Suite("Customer name")
struct CustomerNameTests {
    @Test(
        "good names are kept",
        arguments: [
            "bob", "张三", "Zoë", "O'Brien, Jr.", "👩‍👩‍👧", "a b", "علی‌رضا", "नेपाल", "Ann \u{f8ff}", "\u{e863}", "\u{33480}",
        ])
    func good(_ name: String) { #expect(CustomerName(name)?.text == name) }

    @Test("a name is trimmed")
    func trimmed() {
        #expect(CustomerName(" \t张三\n")?.text == "张三")
        #expect(CustomerName("\u{3000}bob\u{3000}")?.text == "bob")
        #expect(CustomerName("\u{2068}Ali\u{2069}")?.text == "Ali")
        #expect(CustomerName("\u{202b} علی \u{202c}")?.text == "علی")
    }

    @Test("one name in two Unicode spellings is one name")
    func normalised() throws {
        let composed = try #require(CustomerName("Zo\u{eb}"))
        let decomposed = try #require(CustomerName("Zoe\u{308}"))
        #expect(Array(composed.text.utf8) == Array(decomposed.text.utf8))
        #expect(Array(decomposed.text.unicodeScalars).count == 3)
    }

    @Test("64 scalars are the most, counted after normalising")
    func length() {
        #expect(CustomerName(String(repeating: "张", count: 64)) != nil)
        #expect(CustomerName(String(repeating: "张", count: 65)) == nil)
        #expect(CustomerName(String(repeating: "e\u{308}", count: 64)) != nil)
        #expect(CustomerName(" " + String(repeating: "a", count: 64) + " ") != nil)
    }

    @Test(
        "control characters, display overrides and invisible names are refused",
        arguments: [
            "", " ", "a\u{0}b", "a\nb", "a\rb", "a\u{7f}", "a\u{85}b", "a\u{2028}b", "a\u{202e}b", "a\u{2066}b",
            "\u{202c}", "a\u{202d}b\u{202c}c", "a" + String(decoding: [0xef, 0xb7, 0x90], as: UTF8.self),
            "\u{200b}", "\u{200d}\u{200c}", "\u{feff}", "\u{ad}", "\u{fe0f}", "\u{115f}",
        ])
    func refused(_ name: String) { #expect(CustomerName(name) == nil, "\(name.unicodeScalars.map { $0.value })") }

    @Test("guests' names are unguessable, distinct and good names")
    func guests() {
        let names = (0..<1_000).map { _ in GuestName.make() }
        #expect(Set(names).count == 1_000)
        for name in names {
            #expect(name.text.utf8.count == 27)
            #expect(name.text.first == "u")
            #expect(CustomerName(name.text) == name)
        }
        // Every character of the alphabet occurs: 26,000 draws of 32 would miss one with odds below 10^-350.
        #expect(Set(names.flatMap { $0.text.dropFirst() }).count == 32)
    }
}
