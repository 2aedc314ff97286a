import HTTPMessage
import Testing

@Suite("JSON parser")
struct JSONParserTests {
    @Test(
        "every kind of value is read",
        arguments: [
            ("null", .null), ("true", true), ("false", false), ("\"\"", ""), ("[]", []), ("{}", [:]),
            (" \t\r\n[ 1 , 2 ] \n", [1, 2]), (#"{"a":{"b":[null,true]}}"#, ["a": ["b": [nil, true]]]),
            (#"" / \/ \" \\ \b\f\n\r\t \u0041""#, " / / \" \\ \u{08}\u{0C}\n\r\t A"),
            (#""\u4e2D\u6587""#, "中文"), (#""\uD83D\ude00!""#, "😀!"), (#""\u0000""#, "\0"), ("\"中文😀\"", "中文😀"),
            ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
        ] as [(String, JSONValue)])
    func values(text: String, expected: JSONValue) throws {
        #expect(try JSONValue(parsing: text.utf8) == expected)
    }

    @Test(
        "numbers are exact: whole ones as 64-bit integers, others as the nearest double",
        arguments: [
            ("0", .int(0)), ("-0", .int(0)), ("20", .int(20)), ("-1", .int(-1)),
            ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.5", .double(1.5)), ("2.0", .double(2)),
            ("1e2", .double(100)), ("-1E+2", .double(-100)), ("125e-3", .double(0.125)), ("0e0", .double(0)),
            ("1e-999", .double(0)), ("0.1", .double(0.1)),
        ] as [(String, JSONValue)])
    func numbers(text: String, expected: JSONValue) throws {
        #expect(try JSONValue(parsing: text.utf8) == expected)
    }

    @Test(
        "what RFC 8259 does not allow is refused, with the byte and the reason",
        arguments: [
            ("", "unexpected end at byte 0"), ("  ", "unexpected end at byte 2"), ("[1,", "unexpected end at byte 3"),
            ("{\"a\"", "unexpected end at byte 4"), ("\"abc", "unexpected end at byte 4"),
            ("\"\\", "unexpected end at byte 2"), ("-", "unexpected end at byte 1"), ("1.", "unexpected end at byte 2"),
            ("{} {}", "trailing bytes at byte 3"), ("nullx", "trailing bytes at byte 4"),
            ("1 2", "trailing bytes at byte 2"),
            ("nul", "expected a value at byte 0"), ("[1,]", "expected a value at byte 3"),
            ("'a'", "expected a value at byte 0"),
            ("+1", "expected a value at byte 0"), (".5", "expected a value at byte 0"),
            ("NaN", "expected a value at byte 0"),
            ("Infinity", "expected a value at byte 0"), ("-Infinity", "expected a digit at byte 1"),
            ("01", "leading zero at byte 0"), ("-01", "leading zero at byte 1"), ("1.e1", "expected a digit at byte 2"),
            ("1ex", "expected a digit at byte 2"), ("1e400", "number out of range at byte 0"),
            ("[-1e999]", "number out of range at byte 1"), ("0x10", "trailing bytes at byte 1"),
            ("{a:1}", "expected a key at byte 1"), ("{\"a\":1,}", "expected a key at byte 7"),
            ("{\"a\" 1}", "expected a colon at byte 5"),
            ("{\"a\":1 \"b\":2}", "expected a comma or a closing brace at byte 7"),
            ("[1 2]", "expected a comma or a closing bracket at byte 3"),
            ("[1}", "expected a comma or a closing bracket at byte 2"),
            ("\"a\nb\"", "control character in a string at byte 2"),
            ("\"\0\"", "control character in a string at byte 1"),
            (#""\x""#, "unknown escape at byte 2"), (#""\u12g4""#, "expected four hexadecimal digits at byte 5"),
            (#""\uD800""#, "lone surrogate at byte 3"), (#""\uDC00""#, "lone surrogate at byte 3"),
            (#""\uD800\u0041""#, "lone surrogate at byte 3"), (#""\uD800\n""#, "lone surrogate at byte 3"),
            ("\u{FEFF}{}", "expected a value at byte 0"), ("/**/1", "expected a value at byte 0"),
        ])
    func refusals(text: String, message: String) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text.utf8) }
        #expect(error?.description == message)
    }

    @Test(
        "text that is not UTF-8 is refused",
        arguments: [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF0, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0x80], [0xE4, 0xB8], [0xFF], [0xFE],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError(offset: 1, reason: "invalid UTF-8 in a string")) {
            try JSONValue(parsing: [0x5B, 0x22] + bytes + [0x22, 0x5D])
        }
        #expect(throws: JSONError(offset: 1, reason: "invalid UTF-8 in a string")) {
            try JSONValue(parsing: Array(#"{"\n"#.utf8) + bytes + Array(#"":1}"#.utf8))
        }
    }

    @Test("nesting stops at the depth allowed")
    func depth() throws {
        let text = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try JSONValue(parsing: text(32).utf8) }
        #expect(throws: JSONError(offset: 32, reason: "nested too deeply")) { try JSONValue(parsing: text(33).utf8) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: #"{"a":[1]}"#.utf8, maximumDepth: 1) }
        #expect(throws: JSONError(offset: 512, reason: "nested too deeply")) {
            try JSONValue(parsing: String(repeating: "[", count: 1_000_000).utf8, maximumDepth: .max)
        }
    }

    @Test("of a key written twice the last value counts")
    func duplicateKeys() throws {
        #expect(try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#.utf8) == ["a": 3, "b": 2])
    }

    @Test("a slice is read from its own start")
    func slice() throws {
        let bytes = Array("xx[7]".utf8)
        #expect(try JSONValue(parsing: bytes[2...])[0]?.int == 7)
        #expect(throws: JSONError(offset: 1, reason: "unexpected end")) { try JSONValue(parsing: bytes[2..<3]) }
    }

    @Test("any change of a good text gives a value or an error, never a trap")
    func mutations() {
        let seed = Array(
            #"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00\n",true,null],"b":{"c":"中文","d":[[],{}]},"e":9223372036854775807}"#
                .utf8)
        var mutator = SeededMutator(seed: 1)
        var accepted = 0
        for _ in 0..<20_000 {
            let bytes = mutator.mutate(seed)
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            accepted += 1
            #expect((try? JSONValue(parsing: value.serialized())) == value)
        }
        #expect(accepted > 0)
    }
}
