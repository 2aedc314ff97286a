internal import HTTPMessage

/// What the server names things by. All is opaque, and of 1 to 64 harmless characters wherever Rocket.Chat makes it
/// (contract sheet, section 1.6). Whatever comes in its place would travel on: into fields of requests, keys of the
/// store, URLs and the customer's hands, where nothing could be done with it any more.
extension JSONValue {
    private static let longest = 128

    /// The id of a user or a room; nil for anything but 1 to 128 visible ASCII characters.
    var identifier: String? {
        guard let text = string, (1...Self.longest).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return text
    }

    /// A login token: as an ``identifier``, and without a dot, by which the gateway's own access tokens are told from
    /// the server's.
    var loginToken: String? {
        guard let text = identifier, !text.utf8.contains(UInt8(ascii: ".")) else { return nil }
        return text
    }
}
