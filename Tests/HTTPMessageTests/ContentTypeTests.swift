import HTTPMessage
import Testing

@Suite("Content type")
struct ContentTypeTests {
    @Test(
        "type and parameter names are read without case, values as they are",
        arguments: [
            ("application/json", "application/json", [:]),
            ("Text/HTML; Charset=UTF-8", "text/html", ["charset": "UTF-8"]),
            (" text/plain ;a=b;\tc=\"d e\" ", "text/plain", ["a": "b", "c": "d e"]), ("text/plain;", "text/plain", [:]),
            ("text/plain;;a=1", "text/plain", ["a": "1"]), (#"a/b; x="q\"\\;=""#, "a/b", ["x": "q\"\\;="]),
            (
                "multipart/form-data; boundary=----WebKitFormBoundaryAbC", "multipart/form-data",
                ["boundary": "----WebKitFormBoundaryAbC"]
            ),
            ("a/b;x=\"\"", "a/b", ["x": ""]), ("a/b;x=\"中\"", "a/b", ["x": "中"]),
        ] as [(String, String, [String: String])])
    func reading(text: String, type: String, parameters: [String: String]) throws {
        let value = try #require(ContentType(text))
        #expect(value.type == type)
        #expect(value.parameters == parameters)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "json", "/json", "application/", "a/b c", "a/b; x", "a/b; x=", "a/b; =y", "a/b; x=\"y", "a/b; x=\"y\\",
            "a/b; x=y z",
            "a/b; x=1; X=2", "a/b, c/d", "a/b; x=\"\n\"", "a/b; x=\"y\"z", "a /b", "中/b", "a/b; x = y",
        ])
    func refusals(text: String) {
        #expect(ContentType(text) == nil)
    }

    @Test("only UTF-8 is UTF-8")
    func charset() {
        #expect(ContentType("a/b")?.encoding == .utf8)
        #expect(ContentType("a/b; charset=\"Utf-8\"")?.encoding == .utf8)
        #expect(ContentType("a/b; charset=US-ASCII")?.encoding == .utf8)
        #expect(ContentType("a/b; charset=latin1").map { $0.encoding == nil } == true)
        #expect(ContentType("a/b; charset=\"\"").map { $0.encoding == nil } == true)
    }
}
