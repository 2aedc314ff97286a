import TestSupport
import Testing

/// What a request's body may be: three encodings, sizes, and everything that is broken.
@Suite("Bodies", .ownProcesses, .installation())
struct BodyTests {
    private let bed: TestBed
    init() throws { bed = try .current }

    private func send(_ body: [UInt8], type: String?, tenant: TestTenant) async throws -> HTTPTestReply {
        var request = HTTPTestRequest("POST", "/customers/client_connect", body: body)
        if let type { request.headers.append(("Content-Type", type)) }
        return try await bed.client.send(request)
    }

    private func send(_ text: String, type: String?, tenant: TestTenant) async throws -> HTTPTestReply {
        try await send(Array(text.utf8), type: type, tenant: tenant)
    }

    // MARK: Encodings

    @Test("every POST takes a form, multipart text fields and JSON alike", arguments: ["form", "multipart", "json"])
    func encodings(kind: String) async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        func request(_ path: String, _ fields: [(String, String)], _ token: String?) -> HTTPTestRequest {
            let request: HTTPTestRequest =
                switch kind {
                case "form": .form(path, fields)
                case "multipart": .multipart(path, fields)
                default:
                    .json(
                        path,
                        "\(HTTPTestJSON.object(Dictionary(uniqueKeysWithValues: fields.map { ($0, .string($1)) })))")
                }
            return request.with("Authorization", token)
        }
        let name = "苏州 & 小方=\(kind) +"
        let session = try success(
            try await bed.client.send(
                request("/customers/client_connect", [("api_key", tenant.id), ("name", name)], nil)))
        #expect(session["customer_name"].string == name)
        let (rid, token) = (session["rid"].string ?? "", session["token"].string)
        let transferred = try await bed.client.send(request("/customers/Transfer", [("group_id", rid)], token))
        #expect(try success(transferred)["rid"].string == rid)
        #expect(
            try await bed.client.send(request("/customers/shutdown_service", [("group_id", rid)], token)).status == 200)
        let connected = try await bed.client.send(
            request("/customers/connect", [("name", name)], try await tenant.accessToken()))
        #expect(try success(connected)["im"]["name"].string == name)
    }

    @Test("JSON as the mobile clients post it")
    func mobile() async throws {
        let tenant = try await bed.tenant()
        let body = """
            {"name":"小明","api_key":"\(tenant.id)","department_id":"\(tenant.department())",\
            "DEVICE_TYPE":"ANDROID","locale":"zh-CN"}
            """
        for type in ["application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8"] {
            let answer = try success(try await send(body, type: type, tenant: tenant))
            #expect(answer["customer_name"] == "小明")
            #expect(answer["group_name"].string == "sales_小明_\(tenant.department())")
        }
    }

    @Test("JSON numbers and truth values count as their text, null as absent, nested values are refused by name")
    func jsonValues() async throws {
        let tenant = try await bed.tenant()
        let numbers = #"{"api_key":"\#(tenant.id)","name":12345,"group_id":null,"extra":{"a":[1]}}"#
        #expect(
            try success(try await send(numbers, type: "application/json", tenant: tenant))["customer_name"] == "12345")
        let nested = #"{"api_key":"\#(tenant.id)","name":["x"]}"#
        try expectInvalid(try await send(nested, type: "application/json", tenant: tenant), ["name"])
        let escaped = #"{"api_key":"\#(tenant.id)","name":"\u5c0f\u660e \ud83d\ude00"}"#
        #expect(
            try success(try await send(escaped, type: "application/json", tenant: tenant))["customer_name"] == "小明 😀")
    }

    @Test("a body without a type is a form; an empty one has no fields")
    func noType() async throws {
        let tenant = try await bed.tenant()
        #expect(try await send("api_key=\(tenant.id)", type: nil, tenant: tenant).status == 200)
        for type in ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            try expectInvalid(try await send("", type: type, tenant: tenant), ["api_key"])
        }
        let bare = HTTPTestRequest("POST", "/customers/client_connect")
        try expectInvalid(try await bed.client.send(bare), ["api_key"])
    }

    // MARK: Broken

    @Test(
        "what is broken is a 400",
        arguments: [
            ("application/json", #"{"api_key":"x"} trailing"#), ("application/json", #"{"api_key":"x""#),
            ("application/json", "[1]"), ("application/json", #""text""#), ("application/json", "{'a':1}"),
            ("application/json", #"{"a":"\ud800"}"#), ("application/json", #"{"a":1,}"#), ("application/json", "nul"),
            ("application/json", String(repeating: "[", count: 20_000)),
            ("application/x-www-form-urlencoded", "api_key=%zz"),
            ("application/x-www-form-urlencoded", "api_key=%C3%28"),
            ("application/x-www-form-urlencoded", "api_key=%00"),
            ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\n1"),
            (
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\n1\r\n--x\r\n"
            ),
            ("multipart/form-data; boundary=x", "no parts at all"),
            ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"),
        ])
    func broken(type: String, body: String) async throws {
        let tenant = try await bed.tenant()
        try expectError(try await send(body, type: type, tenant: tenant), 400, "params invalid")
    }

    @Test(
        "bad UTF-8 is a 400 in every encoding",
        arguments: [
            "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        ])
    func badUTF8(type: String) async throws {
        let tenant = try await bed.tenant()
        for bad: [UInt8] in [
            [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xC0, 0xAF],
        ] {
            let (before, after) =
                switch type.prefix(16) {
                case "application/json": ("{\"api_key\":\"\(tenant.id)\",\"name\":\"", "\"}")
                case "application/x-ww": ("api_key=\(tenant.id)&name=", "")
                default:
                    (
                        "--x\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\n\(tenant.id)\r\n"
                            + "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n", "\r\n--x--\r\n"
                    )
                }
            try expectError(
                try await send(Array(before.utf8) + bad + Array(after.utf8), type: type, tenant: tenant), 400)
        }
    }

    @Test("bad UTF-8 in a query string is a 400", arguments: ["room_id=%FF", "room_id=%C3%28", "room_id=%"])
    func badQuery(query: String) async throws {
        let token = try await bed.tenant().started()["token"].string
        try expectError(
            try await bed.client.send(.get("/customers/history_message?\(query)").with("Authorization", token)), 400)
    }

    @Test(
        "another type, another charset, multipart without a boundary: 415",
        arguments: [
            "text/plain", "application/xml", "application/octet-stream", "multipart/form-data", "nonsense",
            "application/json; charset=gbk", "application/x-www-form-urlencoded; charset=latin1",
        ])
    func unsupported(type: String) async throws {
        let tenant = try await bed.tenant()
        try expectError(try await send("api_key=\(tenant.id)", type: type, tenant: tenant), 415)
    }

    // MARK: Size

    /// A form of exactly this many bytes that starts a session.
    private func form(_ size: Int, _ tenant: TestTenant) -> [UInt8] {
        let start = Array("api_key=\(tenant.id)&filler=".utf8)
        return start + [UInt8](repeating: UInt8(ascii: "x"), count: size - start.count)
    }

    @Test("a body of 64 KiB is read")
    func largest() async throws {
        let tenant = try await bed.tenant()
        let type = "application/x-www-form-urlencoded"
        #expect(try await send(form(65_536, tenant), type: type, tenant: tenant).status == 200)
        let json = #"{"api_key":"\#(tenant.id)","filler":""#
        let body = json + String(repeating: "x", count: 65_536 - json.utf8.count - 2) + #""}"#
        #expect(body.utf8.count == 65_536)
        #expect(try await send(body, type: "application/json", tenant: tenant).status == 200)
    }

    @Test(
        "a body of 64 KiB + 1 is a 413 in JSON, as are 160 KiB and what nginx itself refuses",
        arguments: [65_537, 100_000, 150_000, 163_840, 163_841, 1_048_576])
    func tooLarge(size: Int) async throws {
        let tenant = try await bed.tenant()
        for type in ["application/x-www-form-urlencoded", "application/json"] {
            try expectError(
                try await send(form(size, tenant), type: type, tenant: tenant), 413, "request body too large")
        }
        #expect(try await tenant.clientConnect().status == 200, "the next call is none the worse for it")
    }

    @Test("a body whose length is not told beforehand is read as well")
    func chunked() async throws {
        let tenant = try await bed.tenant()
        let body = "api_key=\(tenant.id)"
        let text = """
            POST /customers/client_connect HTTP/1.1\r
            Host: gateway.test\r
            Connection: close\r
            Content-Type: application/x-www-form-urlencoded\r
            Transfer-Encoding: chunked\r
            \r
            5\r
            \(body.prefix(5))\r
            \(String(body.utf8.count - 5, radix: 16))\r
            \(body.dropFirst(5))\r
            0\r
            \r

            """
        let answer = try await bed.client.exchange(Array(text.utf8))
        #expect(
            String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 200 "),
            "\(String(decoding: answer, as: UTF8.self))")
    }
}
