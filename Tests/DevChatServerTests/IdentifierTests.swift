import Testing

@testable import DevChatServer

@Suite("Identifiers and times")
struct IdentifierTests {
    @Test("a user id has 17 unmistakable characters, a token 43, a room 24 hexadecimal digits")
    func shapes() {
        var source = IdentifierSource(band: .eight)
        #expect(source.shortID().wholeMatch(of: /[23456789A-HJ-NP-TW-Za-km-z]{17}/) != nil)
        #expect(source.token().wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
        #expect(source.roomID().wholeMatch(of: /[0-9a-f]{24}/) != nil)
        #expect(source.messageID().wholeMatch(of: /[0-9a-f]{24}/) != nil)
    }

    @Test("band 6 still makes 17 character rooms")
    func oldRooms() {
        var source = IdentifierSource(band: .six)
        #expect(source.roomID().count == 17)
    }

    @Test("two ids differ")
    func differs() {
        var source = IdentifierSource(band: .eight)
        #expect(source.shortID() != source.shortID())
    }

    @Test(
        "dates are written with milliseconds and Z",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_001, "2000-02-29T00:00:00.001Z"),
            (1_793_545_076_037, "2026-11-01T14:57:56.037Z"), (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ])
    func writesDates(_ milliseconds: Int, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).iso == text)
        #expect(Timestamp(iso: text)?.milliseconds == milliseconds)
    }

    @Test("dates without fraction are read, nonsense is not")
    func readsDates() {
        #expect(Timestamp(iso: "2026-11-01T14:57:56Z")?.milliseconds == 1_793_545_076_000)
        #expect(Timestamp(iso: "yesterday") == nil)
        #expect(Timestamp(iso: "99999999999999999999-01-01T00:00:00Z") == nil)
    }

    @Test("SHA-256 has the digests of FIPS 180-4's examples")
    func digests() {
        #expect(
            SHA256.hexadecimal("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(SHA256.hexadecimal("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            SHA256.hexadecimal("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    }
}
