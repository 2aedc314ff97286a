extension ChatWorld {
    private static let wrongCodeCap = 5

    /// Asks for a second factor unless the call is exempt (contract sheet, section 1.5).
    mutating func demandSecondFactor(_ call: RESTCall) throws(ChatError) {
        guard options.twoFactor, let token = tokens[call.token], let user = users[call.userID] else { return }
        if case .personal(_, bypassesTwoFactor: true) = token.kind { return }
        if let trusted = token.trustedUntil, now < trusted { return }
        if now < user.createdAt.advanced(by: options.twoFactorMemory) { return }
        guard let code = call.request.headers["x-2fa-code"], !code.isEmpty else {
            throw Self.secondFactor("totp-required", "TOTP Required")
        }
        guard token.wrongCodes < Self.wrongCodeCap else {
            throw Self.secondFactor("totp-max-attempts", "TOTP Maximun Failed Attempts Reached")
        }
        guard call.request.headers["x-2fa-method"] == "password", code.lowercased() == user.passwordDigest else {
            tokens[call.token]?.wrongCodes += 1
            throw Self.secondFactor("totp-invalid", "TOTP Invalid")
        }
        tokens[call.token]?.wrongCodes = 0
        tokens[call.token]?.trustedUntil = now.advanced(by: options.twoFactorMemory)
    }

    private static func secondFactor(_ code: String, _ reason: String) -> ChatError {
        .code(
            code, reason, details: ["method": "password", "codeGenerated": false, "availableMethods": []])
    }
}
