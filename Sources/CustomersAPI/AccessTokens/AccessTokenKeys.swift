internal import Crypto
internal import Customers
internal import JWTKit

/// The keys that access tokens are signed and verified with.
public struct AccessTokenKeys: Sendable {
    /// Signs; its key without an id, so that no `kid` goes into a header that others read.
    let signer: JWTKeyCollection
    /// What verifies, by `alg`.
    let algorithms: [String: any JWTAlgorithm]

    /// Takes the HS256 key, and a public key (PEM, RSA or P-256) when others issue tokens with RS256 or ES256.
    ///
    /// - Throws: `CustomersError.invalid` for an empty secret, what the cryptography library says of a key that is
    ///   none.
    public init(secret: [UInt8], publicKeyPEM: String? = nil) async throws {
        guard !secret.isEmpty else { throw CustomersError.invalid(["key": "the HS256 key is empty"]) }
        // jwt-kit stops the process at a key below 32 bytes. HMAC fills a key up with zeros anyway (RFC 2104 section
        // 2), so this one signs the same.
        let key = secret + Array(repeating: 0, count: max(0, 32 - secret.count))
        signer = JWTKeyCollection()
        await signer.add(hmac: HMACKey(key: SymmetricKey(data: key)), digestAlgorithm: .sha256)
        var algorithms = ["HS256": try await signer.getKey()]
        if let publicKeyPEM {
            let foreign = JWTKeyCollection()
            if let key = try? ES256PublicKey(pem: publicKeyPEM) {
                await foreign.add(ecdsa: key)
                algorithms["ES256"] = try await foreign.getKey()
            } else {
                await foreign.add(rsa: try Insecure.RSA.PublicKey(pem: publicKeyPEM), digestAlgorithm: .sha256)
                algorithms["RS256"] = try await foreign.getKey()
            }
        }
        self.algorithms = algorithms
    }
}
