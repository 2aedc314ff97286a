internal import Crypto

/// What a caller of `client_connect` says about who they are.
public struct IdentityClaim: Sendable {
    /// The name as sent.
    public var name: String?
    /// hex HMAC-SHA256(identity secret, name + "." + ts).
    public var userHash: String?
    /// Unix seconds at which the hash was made.
    public var timestamp: String?

    /// How far a hash's time may be off, in seconds.
    public static let timestampTolerance: Int64 = 300

    /// Makes a claim.
    public init(name: String? = nil, userHash: String? = nil, timestamp: String? = nil) {
        self.name = name
        self.userHash = userHash
        self.timestamp = timestamp
    }

    /// The customer that the tenant's policy lets this claim stand for; nil for a caller without a name.
    ///
    /// - Parameters:
    ///   - tenant: whose customer it says to be.
    ///   - now: Unix seconds.
    /// - Returns: the customer, or nil.
    /// - Throws: ``CustomersError/invalid(_:)`` for a name that breaks the rules, ``CustomersError/unauthorized`` for a
    ///   bare name where a signature is wanted, and for a wrong or stale signature anywhere.
    func customer(of tenant: Tenant, now: Int64) throws(CustomersError) -> CustomerKey? {
        guard let name, !name.isEmpty else { return nil }
        guard let customerName = CustomerName(name) else { throw .invalid(["name": Self.nameRule]) }
        guard let userHash, !userHash.isEmpty, let secret = tenant.identity.secret else {
            guard case .claimed = tenant.identity else { throw .unauthorized }
            return CustomerKey(tenant: tenant.id, trust: .claimed, name: customerName)
        }
        guard let timestamp, let seconds = Int64(timestamp),
            (now - Self.timestampTolerance...now + Self.timestampTolerance).contains(seconds),
            let code = [UInt8](hex: userHash),
            HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: Array("\(name).\(timestamp)".utf8), using: SymmetricKey(data: secret))
        else { throw .unauthorized }
        return CustomerKey(tenant: tenant.id, trust: .verified, name: customerName)
    }

    static let nameRule = "1 to \(CustomerName.maximumLength) characters, no control or direction characters"
}

extension [UInt8] {
    /// The bytes of an even number of hex digits; nil for anything else.
    init?(hex text: String) {
        let digits = Array<UInt8>(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.value(digits[index]), let low = Self.value(digits[index + 1]) else { return nil }
            append(high << 4 | low)
        }
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
