import HTTPMessage
import Testing

@Suite("JSON value")
struct JSONValueTests {
    @Test(
        "the text is compact, with sorted keys and few escapes",
        arguments: [
            (nil, "null"), (true, "true"), (false, "false"), (-20, "-20"), (.int(.min), "-9223372036854775808"),
            (1.5, "1.5"), (2.0, "2.0"), (0.1, "0.1"), (1e300, "1e+300"), (.double(.infinity), "null"),
            (.double(.nan), "null"),
            (["b": 1, "a": [2, nil], "B": [:]], #"{"B":{},"a":[2,null],"b":1}"#),
            (["é": 1, "z": 2, "中": 3, "": 4], #"{"":4,"z":2,"é":1,"中":3}"#),
            ("a/b \"c\" \\", #""a/b \"c\" \\""#), ("\u{08}\t\n\u{0C}\r", #""\b\t\n\f\r""#),
            ("\0\u{0F}\u{10}\u{1F}\u{7F}", "\"\\u0000\\u000f\\u0010\\u001f\u{7F}\""),
            ("中文😀\u{2028}", "\"中文😀\u{2028}\""),
            (["raw": .raw(Array(#"{"z":1,"a":2}"#.utf8))], #"{"raw":{"z":1,"a":2}}"#),
        ] as [(JSONValue, String)])
    func text(value: JSONValue, expected: String) {
        #expect(String(decoding: value.serialized(), as: UTF8.self) == expected)
        #expect(value.description == expected)
    }

    @Test("keys sort by their UTF-8 bytes, not by what Unicode thinks of them")
    func keyOrder() {
        // U+FF5E is EF BD 9E; U+1F600 is F0 9F 98 80, although its UTF-16 units are smaller.
        let value: JSONValue = ["\u{1F600}": 1, "\u{FF5E}": 2]
        #expect(
            value.serialized() == [0x7B, 0x22, 0xEF, 0xBD, 0x9E, 0x22, 0x3A, 0x32, 0x2C, 0x22]
                + [0xF0, 0x9F, 0x98, 0x80, 0x22, 0x3A, 0x31, 0x7D])
    }

    @Test("accessors give nothing for what is not there or of another kind")
    func access() {
        let value: JSONValue = ["s": "x", "i": 7, "d": 7.5, "w": 8.0, "b": true, "n": nil, "a": [1, 2], "o": ["k": 1]]
        #expect(value["s"]?.string == "x")
        #expect(value["i"]?.int == 7)
        #expect(value["i"]?.double == 7)
        #expect(value["d"]?.double == 7.5)
        #expect(value["d"]?.int == nil)
        #expect(value["w"]?.int == 8)
        #expect(value["b"]?.bool == true)
        #expect(value["n"]?.isNull == true)
        #expect(value["a"]?.array?.count == 2)
        #expect(value["a"]?[1]?.int == 2)
        #expect(value["a"]?[2] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["o"]?.object?.count == 1)
        #expect(value["o"]?["k"]?.int == 1)
        #expect(value["missing"] == nil)
        #expect(value[0] == nil)
        #expect(value["s"]?["k"] == nil)
        #expect(value["s"]?.int == nil)
        #expect(value["s"]?.bool == nil)
        #expect(value["i"]?.string == nil)
        #expect(value["s"]?.isNull == false)
        #expect(JSONValue.double(1e300).int == nil)
        #expect(JSONValue.double(.nan).int == nil)
        #expect(JSONValue.double(0x1p63).int == nil)
        #expect(JSONValue.double(-0x1p63).int == .min)
    }
}
