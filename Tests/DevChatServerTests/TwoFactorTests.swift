import Testing

@testable import DevChatServer

@Suite("Second factor")
struct TwoFactorTests {
    private static func update(_ chat: ChatFixture, _ person: ChatFixture.Person, _ code: String? = nil) async throws
        -> ChatReply
    {
        let target = try chat.person("cust").id
        let headers = code.map { ["x-2fa-code": $0, "x-2fa-method": "password"] } ?? [:]
        return await chat.post(
            "users.update", ["userId": .string(target), "data": ["name": "New"]], as: person, headers: headers)
    }

    @Test("users.update asks for it, takes the password's digest, and remembers it for this token")
    func demands() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        let asked = try await Self.update(chat, gateway)
        #expect(
            asked.json == [
                "success": false, "error": "TOTP Required [totp-required]", "errorType": "totp-required",
                "details": ["method": "password", "codeGenerated": false, "availableMethods": []],
            ])
        #expect(try await Self.update(chat, gateway, "wrong").errorType == "totp-invalid")
        #expect(try await Self.update(chat, gateway, SHA256.hexadecimal("gateway")).status == 200)
        #expect(try await Self.update(chat, gateway).json?["user"]?["name"] == "New")
        #expect(try await Self.update(chat, try chat.person()).errorType == "totp-required")
    }

    @Test("five wrong codes are enough")
    func locks() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        for _ in 0..<5 { #expect(try await Self.update(chat, gateway, "wrong").errorType == "totp-invalid") }
        let right = SHA256.hexadecimal("gateway")
        #expect(try await Self.update(chat, gateway, right).errorType == "totp-max-attempts")
    }

    @Test("a personal token made to bypass it is not asked; one without is")
    func bypasses() async throws {
        let chat = ChatFixture()
        var gateway = try chat.person()
        let headers = ["x-2fa-code": SHA256.hexadecimal("gateway"), "x-2fa-method": "password"]
        let made = await chat.post(
            "users.generatePersonalAccessToken", ["tokenName": "t", "bypassTwoFactor": true], as: gateway,
            headers: headers)
        #expect(made.json?["token"]?.text?.count == 43)
        let twice = await chat.post("users.generatePersonalAccessToken", ["tokenName": "t"], as: gateway)
        #expect(twice.errorType == "error-token-already-exists")
        let plain = await chat.post("users.generatePersonalAccessToken", ["tokenName": "u"], as: gateway)
        gateway.token = made.json?["token"]?.text ?? ""
        #expect(try await Self.update(chat, gateway).status == 200)
        gateway.token = plain.json?["token"]?.text ?? ""
        #expect(try await Self.update(chat, gateway).errorType == "totp-required")
    }

    @Test("a seeded personal token works from the start")
    func seeded() async throws {
        let chat = ChatFixture { $0.users[0] = .serviceAccount(personalToken: "pat") }
        let person = ChatFixture.Person(id: SeedUser.serviceAccountID, username: "gateway", token: "pat")
        #expect(try await Self.update(chat, person).status == 200)
    }
}
