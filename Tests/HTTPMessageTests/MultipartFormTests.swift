import HTTPMessage
import Testing

@Suite("Multipart form")
struct MultipartFormTests {
    static let type = "multipart/form-data; boundary=XyZ"

    static func parse(_ body: String, type: String = type) throws -> MultipartForm {
        try MultipartForm(parsing: body.utf8, contentType: #require(ContentType(type)))
    }

    static func part(_ header: String, _ body: String = "v") -> String {
        "--XyZ\r\n\(header)\r\n\r\n\(body)\r\n--XyZ--\r\n"
    }

    @Test("text fields are read as a browser sends them")
    func fields() throws {
        let form = try Self.parse(
            "--XyZ\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n李雷\r\n"
                + "--XyZ\r\ncontent-disposition:form-data;name=room_id\r\nContent-Type: text/plain; charset=utf-8\r\n\r\na\r\nb\r\n"
                + "--XyZ\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n\r\n--XyZ--\r\n")
        #expect(form.fields.map(\.name) == ["name", "room_id", ""])
        #expect(form.fields.map(\.value) == ["李雷", "a\r\nb", ""])
        #expect(form["room_id"] == "a\r\nb")
        #expect(form.fileFields.isEmpty)
    }

    @Test(
        "preamble, epilogue, padding and a missing last line end are no matter",
        arguments: [
            "hello\r\nworld\r\n--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--",
            "\r\n--XyZ \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--  \r\nbye --XyZ",
            "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--\r\n--XyZ\r\n",
            "x--XyZ\r\n\r\n--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--\r\n",
        ])
    func surroundings(body: String) throws {
        #expect(try Self.parse(body).fields.map { [$0.name, $0.value] } == [["a", "1"]])
    }

    @Test("a line that only begins like the boundary is content")
    func boundaryPrefix() throws {
        let body = Self.part(
            "Content-Disposition: form-data; name=a", "1\r\n--XyZa\r\n--Xy\r\n--XyZ-\r\n\n--XyZ\r--XyZ")
        #expect(try Self.parse(body)["a"] == "1\r\n--XyZa\r\n--Xy\r\n--XyZ-\r\n\n--XyZ\r--XyZ")
    }

    @Test("no parts, and a part without content")
    func empties() throws {
        #expect(try Self.parse("--XyZ--\r\n").fields.isEmpty)
        #expect(try Self.parse("--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n--XyZ--")["a"] == "")
    }

    @Test("files are noted, their content and the first name that counts are not mixed up with texts")
    func files() throws {
        let form = try Self.parse(
            "--XyZ\r\nContent-Disposition: form-data; name=\"up\"; filename=\"a\\\"b.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                + "\0\0\r\n--XyZ\r\nContent-Disposition: form-data; name=\"up2\"; filename=\"\"\r\n\r\n\r\n"
                + "--XyZ\r\nContent-Disposition: form-data; name=\"a\"; filename*=UTF-8''x\r\n\r\n1\r\n"
                + "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--XyZ--\r\n")
        #expect(form.fileFields == ["up", "up2"])
        #expect(form["a"] == "1")
    }

    @Test(
        "a boundary has 1 to 70 characters of a small set",
        arguments: [
            ("multipart/form-data", false), ("multipart/form-data; boundary=\"\"", false),
            ("multipart/form-data; boundary=\"a b\"", true), ("multipart/form-data; boundary=\"a \"", false),
            ("multipart/form-data; boundary=\"a\\\"b\"", false), ("multipart/form-data; boundary=a!b", false),
            ("multipart/form-data; boundary=\"'()+_,-./:=?\"", true),
            ("multipart/form-data; boundary=\(String(repeating: "x", count: 70))", true),
            ("multipart/form-data; boundary=\(String(repeating: "x", count: 71))", false),
        ])
    func boundaries(type: String, isGood: Bool) throws {
        let boundary = try #require(ContentType(type)).parameters["boundary"] ?? ""
        if isGood {
            #expect(try Self.parse("--\(boundary)--\r\n", type: type).fields.isEmpty)
        } else {
            #expect(throws: FormError.badBoundary) { try Self.parse("--\(boundary)--\r\n", type: type) }
        }
    }

    @Test(
        "a body that ends too early is refused",
        arguments: [
            "", "--XyZ", "--XyZ\r\n", "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
            "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ",
            "--XyZ\nContent-Disposition: form-data; name=a\n\n1\n--XyZ--\n",
            "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ-", "no boundary at all",
            "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ\r\nContent-Disposition: form-data; name=b\r\n\r\n2\r\n",
        ])
    func truncated(body: String) {
        #expect(throws: FormError.truncated) { try Self.parse(body) }
    }

    @Test(
        "a part whose header breaks the rules is refused",
        arguments: [
            ("", .badPart("no content-disposition with a name")),
            ("Content-Type: text/plain", .badPart("no content-disposition with a name")),
            ("Content-Disposition: form-data", .badPart("no content-disposition with a name")),
            ("Content-Disposition: attachment; name=a", .badPart("no content-disposition with a name")),
            ("Content-Disposition: form-data; name=\"a", .badPart("no content-disposition with a name")),
            ("Content-Disposition: form-data; name=a; name=b", .badPart("no content-disposition with a name")),
            (
                "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b",
                .badPart("a header line twice")
            ),
            ("Content-Disposition: form-data; name=a\r\n folded", .badPart("malformed header line")),
            ("Content-Disposition: form-data;\n name=a", .badPart("malformed header line")),
            ("Content-Disposition : form-data; name=a", .badPart("malformed header line")),
            ("Content-Disposition", .badPart("malformed header line")),
            ("Content-Disposition: form-data; name=\"a\0\"", .badPart("malformed header line")),
            ("Content-Disposition: form-data; name=a\r\nContent-Type: text", .badPart("malformed content-type")),
            (
                "Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64",
                .badPart("a content-transfer-encoding")
            ),
            ("Content-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset=gbk", .unsupportedCharset),
            ("X: \(String(repeating: "x", count: 4_096))", .badPart("header too long")),
            ((0..<17).map { "X\($0): 1" }.joined(separator: "\r\n"), .badPart("too many header lines")),
        ] as [(String, FormError)])
    func badHeaders(header: String, error: FormError) {
        #expect(throws: error) { try Self.parse(Self.part(header)) }
    }

    @Test("values must be UTF-8 without NUL, and _charset_ must not say otherwise")
    func values() throws {
        #expect(throws: FormError.nul) { try Self.parse(Self.part("Content-Disposition: form-data; name=a", "\0")) }
        let type = try #require(ContentType(Self.type))
        let body =
            Array("--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n".utf8) + [0xC3, 0x28]
            + Array("\r\n--XyZ--".utf8)
        #expect(throws: FormError.invalidUTF8) { try MultipartForm(parsing: body, contentType: type) }
        #expect(throws: FormError.unsupportedCharset) {
            try Self.parse(Self.part("Content-Disposition: form-data; name=_charset_", "iso-8859-1"))
        }
        #expect(throws: Never.self) {
            try Self.parse(Self.part("Content-Disposition: form-data; name=_charset_", "UTF-8"))
        }
    }

    @Test("texts that old clients call ISO 8859-1 or ASCII are read as what they say")
    func oldCharsets() throws {
        let header = "Content-Disposition: form-data; name=\"name\"\r\nContent-Type: text/plain; charset="
        // As Apache's HTTP client writes a part.
        let more = "\r\nContent-Transfer-Encoding: 8bit"
        #expect(try Self.parse(Self.part(header + "ISO-8859-1" + more, "Li"))["name"] == "Li")
        #expect(try Self.parse(Self.part(header + "US-ASCII" + more, "Li"))["name"] == "Li")
        let type = try #require(ContentType(Self.type))
        let body = { (charset: String) in
            Array("--XyZ\r\n\(header)\(charset)\r\n\r\nJos".utf8) + [0xE9] + Array("\r\n--XyZ--".utf8)
        }
        #expect(try MultipartForm(parsing: body("ISO-8859-1"), contentType: type)["name"] == "José")
        #expect(throws: FormError.invalidUTF8) { try MultipartForm(parsing: body("US-ASCII"), contentType: type) }
    }

    @Test("257 parts are refused")
    func partLimit() {
        let part = "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
        #expect(throws: Never.self) { try Self.parse(String(repeating: part, count: 256) + "--XyZ--") }
        #expect(throws: FormError.tooManyFields) { try Self.parse(String(repeating: part, count: 257) + "--XyZ--") }
    }

    @Test("any change of a good body gives fields or an error, never a trap")
    func mutations() throws {
        let seed = Array(
            ("--XyZ\r\nContent-Disposition: form-data; name=\"n\"\r\nContent-Type: text/plain; charset=\"utf-8\"\r\n\r\n李\r\n"
                + "--XyZ\r\nContent-Disposition: form-data; name=f; filename=\"x\"\r\n\r\n\0\r\n--XyZ--\r\n").utf8)
        let type = try #require(ContentType(Self.type))
        var mutator = SeededMutator(seed: 3)
        var outcomes = Set<Bool>()
        for _ in 0..<10_000 {
            outcomes.insert((try? MultipartForm(parsing: mutator.mutate(seed), contentType: type)) != nil)
        }
        #expect(outcomes == [true, false])
    }
}
