/// Makes identifiers and secrets in the shapes a Rocket.Chat server gives them (contract sheet, section 1.6).
struct IdentifierSource: Sendable {
    private var generator = SystemRandomNumberGenerator()
    private let band: VersionBand

    /// Characters that cannot be mistaken for one another, as Meteor's `Random.id()` uses.
    private static let unmistakable = Array("23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    private static let base64URL = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let hexadecimal = Array("0123456789abcdef".utf8)

    init(band: VersionBand) {
        self.band = band
    }

    /// 17 characters: users, subscriptions, uploads, and on old servers everything.
    mutating func shortID() -> String {
        draw(17, from: Self.unmistakable)
    }

    /// A room: 24 lowercase hexadecimal digits; 17 characters on band 6.
    mutating func roomID() -> String {
        band < .seven ? shortID() : draw(24, from: Self.hexadecimal)
    }

    /// A message: as a room.
    mutating func messageID() -> String {
        roomID()
    }

    /// 43 characters: a login token or a personal access token.
    mutating func token() -> String {
        draw(43, from: Self.base64URL)
    }

    private mutating func draw(_ count: Int, from alphabet: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: count) { buffer in
            for index in 0..<count {
                buffer[index] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            return count
        }
    }
}
