internal import Crypto

/// Seals chat tokens with AES-256-GCM, so that a copy of Redis opens nothing (DESIGN.md section 3).
public struct TokenSeal: Sendable {
    private let key: SymmetricKey

    /// Makes a seal from the server key, 32 bytes.
    public init(key: [UInt8]) {
        self.key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: key), info: Array("seal-chat-token/v1".utf8), outputByteCount: 32)
    }

    /// Seals a token for one customer; the bytes open for no other.
    ///
    /// - Throws: what the cipher says; with a key of the right size it has nothing to say.
    func seal(_ token: String, for customer: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(Array(token.utf8), using: key, authenticating: Array(customer.utf8))
        guard let combined = box.combined else { throw StoreError("cannot seal a token") }
        return Array(combined)
    }

    /// Opens what ``seal(_:for:)`` made; nil for another key's or customer's bytes, or bytes that were changed.
    func open(_ sealed: [UInt8], for customer: String) -> String? {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let token = try? AES.GCM.open(box, using: key, authenticating: Array(customer.utf8))
        else { return nil }
        return String(validating: token, as: UTF8.self)
    }
}
