import ChatBackend
import Logging

/// Gives customers their account and their chat token.
struct CustomerSignIn {
    let services: Services

    /// Rocket.Chat ends a login after 90 days by default; a token is replaced well before, in milliseconds.
    private static let longestUse: Int64 = 60 * 86_400_000

    /// The customer's record: the one at hand, or one with an account that is found or made.
    func record(
        for customer: CustomerKey, known: CustomerRecord?, _ opening: inout Opening?
    ) async throws -> CustomerRecord {
        if let known { return known }
        let candidates = services.naming.accounts(for: customer)
        for candidate in candidates {
            do {
                let account = try await opening.making { try await services.chat.createCustomer(candidate) }
                return CustomerRecord(key: customer, accountID: account.id, username: account.username)
            } catch ChatBackendError.alreadyExists {
                services.logger.notice(
                    "account name is taken by somebody else", metadata: ["username": "\(candidate.username)"])
            }
        }
        throw ChatBackendError.alreadyExists
    }

    /// A live token: the sealed one, or a new one. The record that is returned goes into the store if it is new.
    func token(for record: CustomerRecord) async throws -> SignedIn {
        if !record.sealedToken.isEmpty, services.now() - record.tokenMade < Self.longestUse,
            let token = services.seal.open(record.sealedToken, for: record.key.hash)
        {
            return SignedIn(record: record, token: token, isNew: false)
        }
        return try await newToken(for: record)
    }

    /// A new token in place of one that the chat server does not take any more, or soon will not.
    func newToken(for record: CustomerRecord) async throws -> SignedIn {
        let token = try await services.chat.mintToken(
            for: record.account, password: services.naming.password(for: record.username))
        let former = record.tokenDigest
        var record = record
        record.sealedToken = try services.seal.seal(token, for: record.key.hash)
        record.tokenDigest = ChatTokenDigest(token).text
        record.tokenMade = services.now()
        return SignedIn(record: record, token: token, isNew: true, former: former)
    }

    /// A live token of a customer who is stored, written back when it had to be made.
    func storedToken(for record: CustomerRecord) async throws -> SignedIn {
        let signedIn = try await token(for: record)
        if signedIn.isNew { try await store(signedIn) }
        return signedIn
    }

    /// The same, or nil when the chat server refuses to sign the customer in: their account may be gone, or be a
    /// stranger's since the server key is another one. ``RestoreAccount`` knows.
    func tokenIfAccepted(for record: CustomerRecord) async throws -> SignedIn? {
        do {
            return try await storedToken(for: record)
        } catch let error as ChatBackendError where RestoreAccount.maySayThatItIsGone(error) {
            return nil
        }
    }

    /// Writes a customer with their token.
    func store(_ signedIn: SignedIn) async throws {
        try await services.customers.save(signedIn.record, replacing: signedIn.former)
    }
}

extension Services {
    /// Sees to it that a token which is about to be handed out again finds its owner: the store may have lost what it
    /// had of it, as in a fail-over, and not the customer.
    func keepToken(of found: FoundCustomer?) async {
        guard let found, found.session != nil, !found.record.tokenDigest.isEmpty else { return }
        await attempt("keep a chat token") {
            try await customers.keepToken(found.record.tokenDigest, of: found.record.key.stored)
        }
    }
}

/// A customer with a live chat token.
struct SignedIn {
    var record: CustomerRecord
    var token: String
    /// Whether the record must be stored.
    var isNew: Bool
    /// The digest of the token that this one replaces, or "".
    var former = ""

    var credential: CustomerCredential { CustomerCredential(userID: record.accountID, token: token) }
}
