import Crypto
import Foundation
import TestSupport

/// Makes access tokens, good and bad ones, with the bytes written here and not by the code under test.
struct TokenForge: Sendable {
    var header: HTTPTestJSON = ["alg": "HS256", "typ": "JWT"]
    var claims: [String: HTTPTestJSON]
    var key = GatewayInstallation.tokenKey

    /// Seconds since 1970.
    static var now: Int { Int(Date().timeIntervalSince1970) }

    /// A token that is good in every respect, but for what `change` changes.
    init(tenant: String, _ change: (inout TokenForge) -> Void = { _ in }) {
        claims = [
            "scp": "rocket", "sub": .string(tenant), "jti": .string(UUID().uuidString),
            "iat": .number(Double(Self.now)), "nbf": .number(Double(Self.now)), "exp": .number(Double(Self.now + 600)),
        ]
        change(&self)
    }

    /// The claim that a revocation goes by.
    var jti: String { claims["jti"]?.string ?? "" }

    /// The token, signed with HMAC-SHA256 whatever the header says.
    var token: String {
        let signed = "\(Self.base64URL("\(header)")).\(Self.base64URL("\(HTTPTestJSON.object(claims))"))"
        let code = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: SymmetricKey(data: Data(key.utf8)))
        return "\(signed).\(Self.base64URL(Data(code)))"
    }

    /// The token without a signature, as `alg: none` has it.
    var unsigned: String {
        "\(Self.base64URL("\(header)")).\(Self.base64URL("\(HTTPTestJSON.object(claims))"))."
    }

    static func base64URL(_ text: String) -> String { base64URL(Data(text.utf8)) }

    static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}
