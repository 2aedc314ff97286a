import Customers
import RedisClient

extension CustomerRecord {
    /// The record as names and values in turn. The token is sealed, and found by its digest only.
    var fields: [RedisArgument] {
        [
            "trust", .string(key.trust.rawValue), "name", .string(key.name.text), "user_id", .string(key.userID),
            "backend_id", .string(accountID), "username", .string(username), "token", .bytes(sealedToken),
            "token_digest", .string(tokenDigest), "token_made", .integer(tokenMade),
        ]
    }

    /// Reads what ``fields`` wrote; nil for a customer of whom only rooms are known, as when writing the record failed.
    init?(_ fields: [String: [UInt8]], of customer: CustomerHash) throws {
        func text(_ name: String) -> String? { fields[name].flatMap { String(validating: $0, as: UTF8.self) } }
        if fields["backend_id"] == nil { return nil }
        guard let trust = text("trust").flatMap(CustomerKey.Trust.init(rawValue:)),
            let name = text("name").flatMap(CustomerName.init), let id = text("backend_id"),
            let username = text("username")
        else { throw StoreError.unreadable("a customer") }
        self.init(
            key: CustomerKey(tenant: customer.tenant, trust: trust, name: name), accountID: id, username: username,
            sealedToken: fields["token"] ?? [], tokenDigest: text("token_digest") ?? "",
            tokenMade: text("token_made").flatMap { Int64($0) } ?? 0)
        guard key.hash == customer.hash else { throw StoreError.unreadable("a customer") }
    }
}
