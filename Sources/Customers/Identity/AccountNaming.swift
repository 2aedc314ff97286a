public import ChatBackend
internal import Crypto

/// Names, e-mail addresses and passwords of the accounts and rooms that the gateway makes at the chat server.
public struct AccountNaming: Sendable {
    /// Which password a customer's account gets (DESIGN.md section 2, password).
    public enum PasswordMode: String, Sendable {
        /// One that only the holder of the server key can work out.
        case derived
        /// The one that the contract documents, and so everybody knows.
        case documented
    }

    private let key: SymmetricKey
    private let mode: PasswordMode
    private let emailDomain: String

    /// Makes the namer.
    ///
    /// - Parameters:
    ///   - key: the server key, 32 bytes. With another one the accounts made so far are strangers', by e-mail address
    ///     and password, and their customers get new ones.
    ///   - mode: which password a new account gets.
    ///   - emailDomain: a domain that gets no mail.
    public init(key: [UInt8], mode: PasswordMode, emailDomain: String) {
        self.key = SymmetricKey(data: key)
        self.mode = mode
        self.emailDomain = emailDomain
    }

    /// The accounts that may be the customer's, in the order to try them.
    ///
    /// The documented name (name + tenant id) comes first where it fits the chat server's alphabet. The other one ends
    /// in the tenant id without dashes, which no documented name does. It serves names that do not fit, names that
    /// differ from a taken one in letter case only, and everybody who is not verified. The last one depends on the key:
    /// with a new key the others are strangers' accounts.
    func accounts(for customer: CustomerKey) -> [NewCustomerAccount] {
        let slug = Self.slug(customer.name.text, limit: 24)
        let username = { (tag: Substring) in "\(slug)-\(tag)\(customer.tenant.undashed)" }
        let hashed = username(customer.hash.prefix(20))
        var usernames = [hashed]
        if customer.trust == .verified, customer.name.text.utf8.allSatisfy(Self.isPlain) {
            usernames.insert(customer.name.text + customer.tenant.text, at: 0)
        }
        usernames.append(username(tag("customer-name/v1", hashed).prefix(20)))
        return usernames.map { username in
            NewCustomerAccount(
                username: username, name: customer.name.text,
                email: "c-\(tag("customer-email/v1", username).prefix(24))@\(emailDomain)",
                password: password(for: username), adoptsAnyEmail: mode == .documented)
        }
    }

    /// An account that stands for a customer where the admin wants to know what customers can see; the same each time.
    ///
    /// - Parameters:
    ///   - number: which of several.
    ///   - role: the customers' role: an account keeps the one that it was made with.
    /// - Returns: its password is derived in any mode.
    public func probe(_ number: Int, role: String) -> NewCustomerAccount {
        let username = "customers-doctor-probe-\(number)-\(role.filter { $0.utf8.allSatisfy(Self.isPlain) })"
        return NewCustomerAccount(
            username: username, name: "Probe of customersctl doctor", email: "\(username)@\(emailDomain)",
            password: derivedPassword(for: username))
    }

    /// The password of an account. It is never shown to anybody.
    func password(for username: String) -> String {
        mode == .derived ? derivedPassword(for: username) : "HelloWorld1@#"
    }

    private func derivedPassword(for username: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array("chat-password/v1\(username)".utf8), using: key)
        // The suffix satisfies servers that ask for every class of character.
        return Array(code).base64URL + "aA1!"
    }

    /// The chat server's name of a group: readable as far as its alphabet goes, unguessable, the same for the same
    /// room.
    func groupName(department: Department, customer: CustomerKey) -> String {
        let tag = tag("group-name/v1", "\(customer.hash)\u{0}\(department.id.text)").prefix(16)
        return "\(Self.slug(department.name, limit: 20))_\(Self.slug(customer.name.text, limit: 20))_\(tag)"
    }

    /// What the API calls `group_name`: display text and natural key.
    static func displayName(department: Department, customer: CustomerName) -> String {
        "\(department.name)_\(customer.text)_\(department.id.text)"
    }

    private func tag(_ purpose: String, _ text: String) -> String {
        Array(HMAC<SHA256>.authenticationCode(for: Array("\(purpose)\u{0}\(text)".utf8), using: key)).hex
    }

    /// `[0-9a-z._-]` of a text, never empty.
    private static func slug(_ text: String, limit: Int) -> String {
        let plain = text.utf8.filter(isPlain).prefix(limit)
        return plain.isEmpty ? "c" : String(decoding: plain, as: UTF8.self).lowercased()
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension [UInt8] {
    /// Base64 with the URL alphabet, without padding.
    var base64URL: String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        var index = 0
        while index < count {
            let rest = count - index
            let first = UInt32(self[index]) << 16
            let second = rest > 1 ? UInt32(self[index + 1]) << 8 : 0
            let third = rest > 2 ? UInt32(self[index + 2]) : 0
            let group = first | second | third
            text.append(alphabet[Int(group >> 18)])
            text.append(alphabet[Int(group >> 12 & 63)])
            if rest > 1 { text.append(alphabet[Int(group >> 6 & 63)]) }
            if rest > 2 { text.append(alphabet[Int(group & 63)]) }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }
}
