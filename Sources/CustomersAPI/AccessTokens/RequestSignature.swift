internal import Crypto

/// Checks the signature on a request for an access token (DESIGN.md section 2).
struct RequestSignature {
    /// Seconds that a timestamp may be off.
    static let tolerance: Int64 = 300

    /// `apiKey` as sent.
    var apiKey: String
    /// base64(HMAC-SHA256(secret key, message)).
    var signature: String
    /// Unix seconds; part of the message when it is there.
    var timestamp: String?

    /// Whether the holder of `secret` made it, and not too long ago. `now` is in Unix seconds.
    func isValid(secret: [UInt8], now: Int64) -> Bool {
        var message = apiKey
        if let timestamp {
            guard let seconds = Int64(timestamp), (now - Self.tolerance...now + Self.tolerance).contains(seconds) else {
                return false
            }
            message += "\n" + timestamp
        }
        // A `+` that a client did not escape in a query string arrives as a space.
        let text = signature.utf8.map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "+") : $0 }
        guard let code = [UInt8](base64: text) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Array(message.utf8), using: SymmetricKey(data: secret))
    }
}
