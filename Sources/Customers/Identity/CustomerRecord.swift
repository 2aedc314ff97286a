internal import ChatBackend

/// What is kept of a customer between calls. Losing it costs a sign-in: all of it can be found or made again.
public struct CustomerRecord: Sendable {
    /// Who it is.
    public var key: CustomerKey
    /// The chat server's user id: the API's `id`.
    public var accountID: String
    /// The login name, in the chat server's spelling.
    public var username: String
    /// The chat token, sealed by ``TokenSeal``; empty when there is none.
    public var sealedToken: [UInt8]
    /// The digest of that token, to find its owner and to retire it; empty when there is none.
    public var tokenDigest: String
    /// When the token was made, in Unix milliseconds.
    public var tokenMade: Int64

    /// Makes a record.
    public init(
        key: CustomerKey, accountID: String, username: String, sealedToken: [UInt8] = [], tokenDigest: String = "",
        tokenMade: Int64 = 0
    ) {
        self.key = key
        self.accountID = accountID
        self.username = username
        self.sealedToken = sealedToken
        self.tokenDigest = tokenDigest
        self.tokenMade = tokenMade
    }

    var account: ChatAccount { ChatAccount(id: accountID, username: username, name: key.name.text) }
}
