internal import Crypto
internal import Customers
internal import HTTPMessage

/// Hides calls and answers from whoever reads the store: an answer has a chat token in it, a key may have anything.
public struct AnswerSeal: Sendable {
    private let cipher: SymmetricKey
    private let code: SymmetricKey

    /// Makes a seal from the server key, 32 bytes.
    public init(key: [UInt8]) {
        let input = SymmetricKey(data: key)
        cipher = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: input, info: Array("seal-answer/v1".utf8), outputByteCount: 32)
        code = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: input, info: Array("name-call/v1".utf8), outputByteCount: 32)
    }

    /// 128 bits of HMAC-SHA256 over parts in this order, in hex.
    func tag(_ parts: [String]) -> String {
        var message: [UInt8] = []
        for part in parts {
            // Its length before each part: no two lists give the same bytes.
            message += Array("\(part.utf8.count):".utf8)
            message += Array(part.utf8)
        }
        return HMAC<SHA256>.authenticationCode(for: message, using: code).prefix(16).hex
    }

    /// Seals status and body of an answer with AES-256-GCM; the bytes open for no other call.
    ///
    /// - Throws: what the cipher says; with a key of the right size it has nothing to say.
    func seal(_ answer: HTTPResponse, for call: IdempotentCall) throws -> [UInt8] {
        let text = Array("\(answer.status)\n".utf8) + answer.body
        let box = try AES.GCM.seal(text, using: cipher, authenticating: Array(call.id.utf8))
        guard let combined = box.combined else { throw StoreError("cannot seal an answer") }
        return Array(combined)
    }

    /// Opens what ``seal(_:for:)`` made; nil for another key's or call's bytes, or bytes that were changed.
    func open(_ sealed: [UInt8], for call: IdempotentCall) -> HTTPResponse? {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let text = try? AES.GCM.open(box, using: cipher, authenticating: Array(call.id.utf8)),
            let end = text.firstIndex(of: UInt8(ascii: "\n")),
            let status = Int(String(decoding: text[..<end], as: UTF8.self)), (200...599).contains(status)
        else { return nil }
        return HTTPResponse(
            status: status, headers: [(.contentType, "application/json")], body: Array(text[text.index(after: end)...]))
    }
}
