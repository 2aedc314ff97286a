import HTTPMessage
import Testing

@Suite("Request fields")
struct RequestFieldsTests {
    static func post(_ body: String, type: String? = nil) -> HTTPRequest {
        HTTPRequest(method: "POST", headers: type.map { ["content-type": $0] } ?? [:], body: Array(body.utf8))
    }

    @Test(
        "the three encodings give the same fields",
        arguments: [
            ("name=%E6%9D%8E&api_key=k", "application/x-www-form-urlencoded"), ("name=%E6%9D%8E&api_key=k", nil),
            ("name=%E6%9D%8E&api_key=k", ""),
            ("name=%E6%9D%8E&api_key=k", "Application/X-WWW-Form-Urlencoded; charset=UTF-8"),
            (#"{"name":"李","api_key":"k"}"#, "application/json"),
            (#"{"name":"李","api_key":"k"}"#, "application/json;charset=utf-8"),
            ("\u{FEFF}" + #"{"name":"李","api_key":"k"}"#, "application/json"),
            (
                "--B\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n李\r\n"
                    + "--B\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\nk\r\n--B--\r\n",
                "multipart/form-data; boundary=B"
            ),
        ])
    func encodings(body: String, type: String?) throws {
        #expect(
            try RequestFields(request: Self.post(body, type: type)) == RequestFields(["name": "李", "api_key": "k"]))
    }

    @Test("JSON as the mobile clients post it")
    func mobileClients() throws {
        let fields = try RequestFields(
            request: Self.post(
                #"{"name":"Li","api_key":"8009bf1c5fea4221b19afd4278fcb06f","DEVICE_TYPE":"android","locale":"zh_CN","count":20,"x":2.0,"y":-0.5,"t":true,"n":null,"o":{},"a":[1],"z":"\u0000"}"#,
                type: "application/json; charset=utf-8"))
        #expect(fields["name"] == "Li")
        #expect(fields["DEVICE_TYPE"] == "android")
        #expect(fields["count"] == "20")
        #expect(fields["x"] == "2")
        #expect(fields["y"] == "-0.5")
        #expect(fields["t"] == "true")
        #expect(fields.field("n") == nil)
        #expect(fields["o"] == nil)
        #expect(fields.problem("o") == "must be a text")
        #expect(fields.problem("a") == "must be a text")
        #expect(fields.problem("z") == "must not contain NUL")
        #expect(fields.problem("name") == nil)
        #expect(fields.field("missing") == nil)
        #expect(fields.names == ["DEVICE_TYPE", "a", "api_key", "count", "locale", "name", "o", "t", "x", "y", "z"])
    }

    @Test(
        "a JSON number is the text that was written, however long it is",
        arguments: [
            ("12345678901234567890", "12345678901234567890"), ("1.10", "1.10"), ("-0.5", "-0.5"), ("20.0", "20"),
            ("1e3", "1000"), ("9007199254740993.0", "9007199254740993.0"), ("1e300", "1e300"), ("0", "0"),
            ("-9223372036854775809", "-9223372036854775809"),
        ])
    func numbers(written: String, read: String) throws {
        let request = Self.post("{\"name\":\(written)}", type: "application/json")
        #expect(try RequestFields(request: request)["name"] == read)
    }

    @Test(
        "a text in ISO 8859-1 is read as such where that is said, as Apache's client says unless told",
        arguments: [
            ("name=Zo%EB+%A9", "application/x-www-form-urlencoded; charset=ISO-8859-1"),
            ("name=Zo\u{eb}+\u{a9}", "application/x-www-form-urlencoded;charset=iso-8859-1"),
            ("{\"name\":\"Zo\u{eb} \u{a9}\"}", "application/json; charset=ISO-8859-1"),
        ])
    func latin1(body: String, type: String) throws {
        var request = Self.post("", type: type)
        request.body = body.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        #expect(try RequestFields(request: request)["name"] == "Zo\u{eb} \u{a9}")
    }

    @Test(
        "an empty body has no fields, whatever its type",
        arguments: ["text/plain", "application/json", "multipart/form-data", "nonsense"])
    func emptyBody(type: String) throws {
        #expect(try RequestFields(request: Self.post("", type: type)).names.isEmpty)
    }

    @Test(
        "types and charsets that nobody reads are 415",
        arguments: [
            "text/plain", "application/xml", "json", "application/json; charset=gbk",
            "application/x-www-form-urlencoded; charset=big5",
            "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=B",
            "application/json; charset=utf-8; charset=utf-8",
        ])
    func unsupported(type: String) {
        #expect(throws: RequestFieldsError.unsupportedMediaType) {
            try RequestFields(request: Self.post("{}", type: type))
        }
    }

    @Test(
        "bodies that break the rules of their type are 400",
        arguments: [
            ("a=%zz", nil, "bad percent escape at byte 2"), ("a=%FF", nil, "invalid UTF-8"),
            ("a=%00", nil, "NUL in a field"),
            (#"{"\u0000": 1}"#, "application/json", "NUL in a field"),
            ("{} x", "application/json", "JSON: trailing bytes at byte 3"),
            ("[]", "application/json", "JSON: the body must be an object"),
            ("null", "application/json", "JSON: the body must be an object"),
            ("\"a\"", "application/json", "JSON: the body must be an object"),
            ("{", "application/json", "JSON: unexpected end at byte 1"),
            ("--B\r\n", "multipart/form-data; boundary=B", "multipart body without its closing boundary"),
        ])
    func malformed(body: String, type: String?, reason: String) {
        let error = #expect(throws: RequestFieldsError.self) { try RequestFields(request: Self.post(body, type: type)) }
        #expect(error == .malformed(reason))
        #expect(error?.description == reason)
    }

    @Test("a GET reads its query string, and from a form body what that lacks")
    func get() throws {
        let request = HTTPRequest(method: "GET", query: "room_id=r1&count=5", body: Array("room_id=r2&before=c".utf8))
        let fields = try RequestFields(request: request)
        #expect(fields["room_id"] == "r1")
        #expect(fields["count"] == "5")
        #expect(fields["before"] == "c")
        #expect(throws: RequestFieldsError.malformed("query string: bad percent escape at byte 2")) {
            try RequestFields(request: HTTPRequest(query: "a=%"))
        }
    }

    @Test("a POST does not read its query string")
    func post() throws {
        let request = HTTPRequest(method: "POST", query: "name=query&x=%zz", body: Array("name=body".utf8))
        #expect(try RequestFields(request: request) == RequestFields(["name": "body"]))
    }

    @Test("a file where a text belongs has a reason")
    func file() throws {
        let body = "--B\r\nContent-Disposition: form-data; name=\"name\"; filename=\"x\"\r\n\r\ny\r\n--B--"
        let fields = try RequestFields(request: Self.post(body, type: "multipart/form-data; boundary=B"))
        #expect(fields.field("name") == .unusable(reason: "must not be a file"))
    }

    @Test("257 JSON members are refused")
    func memberLimit() {
        let body = { (count: Int) in "{" + (0..<count).map { "\"f\($0)\":1" }.joined(separator: ",") + "}" }
        #expect(throws: Never.self) { try RequestFields(request: Self.post(body(256), type: "application/json")) }
        #expect(throws: RequestFieldsError.malformed("more than 256 fields")) {
            try RequestFields(request: Self.post(body(257), type: "application/json"))
        }
    }
}
