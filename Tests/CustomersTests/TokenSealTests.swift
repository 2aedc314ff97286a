@testable import Customers
import Testing

@Suite("Token seal")
struct TokenSealTests {
    private let seal = TokenSeal(key: DomainFixture.serverKey)
    private let token = "qoCA9uHhlkGrSBBXtiTIZAVIGQ2OaMNJ1zlYAQVlsRl"

    @Test("what was sealed opens for the same customer and key, after a restart too")
    func opens() throws {
        let sealed = try seal.seal(token, for: "a")
        #expect(seal.open(sealed, for: "a") == token)
        #expect(TokenSeal(key: DomainFixture.serverKey).open(sealed, for: "a") == token)
    }

    @Test("it opens neither for another customer nor with another key")
    func foreign() throws {
        let sealed = try seal.seal(token, for: "a")
        #expect(seal.open(sealed, for: "b") == nil)
        #expect(TokenSeal(key: Array(repeating: 8, count: 32)).open(sealed, for: "a") == nil)
    }

    @Test("no byte can be changed, cut off or added")
    func changed() throws {
        let sealed = try seal.seal(token, for: "a")
        for index in sealed.indices {
            var bytes = sealed
            bytes[index] ^= 1
            #expect(seal.open(bytes, for: "a") == nil)
        }
        for count in 0..<sealed.count { #expect(seal.open(Array(sealed.prefix(count)), for: "a") == nil) }
        #expect(seal.open(sealed + [0], for: "a") == nil)
    }

    @Test("two seals of one token differ, and show nothing of it")
    func hidden() throws {
        let (first, second) = (try seal.seal(token, for: "a"), try seal.seal(token, for: "a"))
        #expect(first != second)
        #expect(!String(decoding: first, as: UTF8.self).contains(token.prefix(6)))
    }

    @Test("a token's digest is its SHA-256 in hex (FIPS 180-4, \"abc\")")
    func digest() {
        #expect(ChatTokenDigest("abc").text == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
