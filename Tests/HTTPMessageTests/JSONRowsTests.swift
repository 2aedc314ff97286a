import HTTPMessage
import Testing

/// The promise is that of the parser and the serialiser together, so these are the judges.
@Suite("JSON rows")
struct JSONRowsTests {
    private static let list = #"""
        {"messages":[
            {"_id":"m2","rid":"r1","msg":"He said \"hi\"\n\/ \u00e9 中文😀","ts":"2026-01-02T03:04:05.678Z",
             "u":{"_id":"a1","username":"ann"},"urls":[],"n":[1,-0,1.50,1e3,12345678901234567890],"t":"uj",
             "": {"z":{"b":null,"a":true},"y":false}},
            { } , {"b":1,"a":{"d":4,"c":3}}
        ],"success":true,"unread":{"count":2}}
        """#

    private func read(_ text: String) -> JSONRows? {
        JSONRows(parsing: Array(text.utf8), rows: "messages", members: ["_id", "ts", "t"])
    }

    @Test("a row is copied compact and with sorted keys, and what was asked of it is known")
    func rows() throws {
        let list = try #require(read(Self.list))
        #expect(list.rows.count == 3)
        #expect(list.rows[0].values == ["m2", "2026-01-02T03:04:05.678Z", "uj"])
        #expect(list.rows[1].values == [nil, nil, nil])
        let texts = list.rows.map { String(decoding: $0.text, as: UTF8.self) }
        #expect(
            texts[0] == #"{"":{"y":false,"z":{"a":true,"b":null}},"_id":"m2","msg":"He said \"hi\"\n/ é 中文😀","#
                + #""n":[1,0,1.5,1000.0,1.2345678901234567e+19],"rid":"r1","t":"uj","#
                + #""ts":"2026-01-02T03:04:05.678Z","u":{"_id":"a1","username":"ann"},"urls":[]}"#)
        #expect(texts[1...] == ["{}", #"{"a":{"c":3,"d":4},"b":1}"#])
        #expect(list.others == ["success": true, "unread": ["count": 2]])
    }

    @Test("an empty list has no rows")
    func empty() throws {
        let list = try #require(read(#" {"messages" : [ ] } "#))
        #expect(list.rows.isEmpty && list.others.isEmpty)
    }

    @Test(
        "what it does not read it leaves alone",
        arguments: [
            "", "[]", "{}", "null", #"{"messages":{}}"#, #"{"messages":[1]}"#, #"{"messages":[{}],"messages":[]}"#,
            #"{"messages":[{"a":1,"a":2}]}"#, #"{"messages":[{"b":1,"a":1,"b":2}]}"#, #"{"messages":[{"é":1}]}"#,
            #"{"messages":[{"\u0061":1}]}"#, #"{"messages":[{}]} x"#, #"{"messages":[{}],}"#, #"{"messages":[{},]}"#,
            #"{"messages":[{}"#, #"{"messages":[{"a":01}]}"#, #"{"messages":[{"a":-}]}"#,
            #"{"messages":[{"a":1e999}]}"#,
            #"{"messages":[{"a":"\ud800"}]}"#, #"{"messages":[{"a":"\x"}]}"#, "{\"messages\":[{\"a\":\"\n\"}]}",
            #"{"messages":[{"a":tru}]}"#, #"{"messages":[{"a":1 2}]}"#, #"{"messages":[{"a":1}{"a":2}]}"#,
            #"{"a":1,"a":2,"messages":[]}"#,
        ])
    func unfit(text: String) {
        #expect(read(text) == nil)
    }

    @Test(
        "bad UTF-8 is not passed on",
        arguments: [
            [0xFF], [0x80], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xE4, 0xB8],
            [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func badUTF8(bytes: [UInt8]) {
        let text = Array(#"{"messages":[{"a":"12345678"#.utf8) + bytes + Array(#""}]}"#.utf8)
        #expect(JSONRows(parsing: text, rows: "messages", members: []) == nil)
    }

    @Test("nesting is bounded as it is for the parser", arguments: [29, 30])
    func depth(arrays: Int) {
        let value = String(repeating: "[", count: arrays) + String(repeating: "]", count: arrays)
        let text = #"{"messages":[{"a":\#(value)}]}"#
        #expect((read(text) != nil) == (arrays == 29))
        #expect(((try? JSONValue(parsing: text.utf8)) != nil) == (arrays == 29))
    }

    @Test("whatever comes, it reads as the parser does or not at all", arguments: 0..<16)
    func differential(seed: UInt64) throws {
        var mutator = SeededMutator(seed: seed)
        var read = 0
        for _ in 0..<3_000 {
            let bytes = mutator.mutate(Array(Self.list.utf8))
            guard let list = JSONRows(parsing: bytes, rows: "messages", members: ["_id", "ts", "t"]) else { continue }
            read += 1
            let tree = try JSONValue(parsing: bytes)
            var others = try #require(tree.object)
            let rows = try #require(others.removeValue(forKey: "messages")?.array)
            #expect(list.others == others)
            #expect(list.rows.map(\.text) == rows.map { $0.serialized() })
            for (row, value) in zip(list.rows, rows) {
                #expect(row.values == [value["_id"], value["ts"], value["t"]])
            }
        }
        #expect(read > 100)
    }
}
