extension ChatError {
    /// Codes that release 9 answers with 403 (contract sheet, section 1.2).
    private static let refusals: Set<String> = [
        "error-not-allowed", "not-allowed", "not-authorized", "not_authorized", "no-permission",
        "error-not-authorized-federation", "error-unauthorized", "error-not-authorized",
    ]

    /// The answer a server of that band gives.
    func reply(band: VersionBand) -> ChatReply {
        let (status, body) = rendering(band: band)
        return ChatReply(status: status, json: body)
    }

    private func rendering(band: VersionBand) -> (status: Int, body: JSON) {
        switch self {
        case .meteor(let code, let reason, let details):
            let text = [reason, "[\(code)]"].compactMap(\.self).joined(separator: " ")
            if band >= .nine, Self.refusals.contains(code) { return Self.refusal(text) }
            var body: [String: JSON] = ["success": false, "error": .string(text), "errorType": .string(code)]
            if let details { body["details"] = .object(details) }
            return (400, .object(body))
        case .plain(let text):
            if band >= .nine, Self.refusals.contains(text) { return Self.refusal(text) }
            return (400, ["success": false, "error": .string(text)])
        case .bare: return (400, ["success": false])
        case .forbidden:
            return (403, ["success": false, "error": band >= .nine ? "forbidden" : "unauthorized"])
        case .missingPermission:
            let text = "User does not have the permissions required for this action [error-unauthorized]"
            return (403, ["success": false, "error": .string(text)])
        case .unauthenticated: return (401, Self.unauthenticated(band: band))
        case .loginRefused(let code, let message, let details):
            return (401, Self.loginRefused(code, message, details, band: band))
        case .tooManyRequests(let seconds):
            let text =
                "Error, too many requests. Please slow down. You must wait \(seconds) seconds before trying this "
                + "endpoint again. [error-too-many-requests]"
            return (429, ["success": false, "error": .string(text)])
        case .other(let status, let body): return (status, body)
        }
    }

    private static func refusal(_ text: String) -> (status: Int, body: JSON) {
        (403, ["success": false, "error": .string(text), "errorType": "error-forbidden"])
    }

    private static func unauthenticated(band: VersionBand) -> JSON {
        let text: JSON = "You must be logged in to do this."
        switch band {
        case .six: return ["status": "error", "message": text]
        case .seven, .eight: return ["success": false, "error": text, "status": "error", "message": text]
        case .nine: return ["success": false, "error": text]
        }
    }

    private static func loginRefused(
        _ code: JSON, _ message: String, _ details: [String: JSON]?, band: VersionBand
    ) -> JSON {
        guard band < .nine else { return ["success": false, "error": "unauthorized"] }
        var body: [String: JSON] = ["status": "error", "error": code, "message": .string(message)]
        if band >= .seven { body["success"] = false }
        if let details { body["details"] = .object(details) }
        return .object(body)
    }
}
