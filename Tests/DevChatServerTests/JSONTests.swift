import Testing

@testable import DevChatServer

@Suite("JSON")
struct JSONTests {
    @Test(
        "what is not JSON is refused",
        arguments: [
            "", "{", "[1,", "{\"a\":}", "01", "1.", "--1", "+1", "tru", "\"a", "\"\u{1}\"", "{} x", "{a:1}", "[1,]",
            "\"\\x\"", "\"\\u12g4\"", "-", String(repeating: "[", count: 100),
        ])
    func refusesMalformed(_ text: String) {
        #expect(JSON(parsing: text) == nil)
    }

    @Test("values keep their kinds")
    func keepsKinds() {
        let value = JSON(parsing: #" {"a":[1,-2.5,1e3,0,true,false,null],"b":{"c":"d"}} "#)
        #expect(value == ["a": [1, .double(-2.5), .double(1000), 0, true, false, .null], "b": ["c": "d"]])
    }

    @Test("escapes are read, surrogate pairs joined, lone surrogates replaced")
    func readsEscapes() {
        #expect(JSON(parsing: #""a\"\\\/\n\u00e9\ud83d\ude00\ud800x""#) == "a\"\\/\n\u{e9}\u{1F600}\u{FFFD}x")
    }

    @Test("bytes that are no UTF-8 are refused")
    func refusesBadUnicode() {
        #expect(JSON(parsing: [0x22, 0xC3, 0x28, 0x22]) == nil)
    }

    @Test("what is written can be read again, names sorted, control characters escaped")
    func writes() {
        let value: JSON = ["b": "x\u{1}\n\"\\", "a": [1, .double(0.5), .null, true]]
        #expect(value.written == #"{"a":[1,0.5,null,true],"b":"x\u0001\n\"\\"}"#)
        #expect(JSON(parsing: value.written) == value)
    }
}
