extension ChatError {
    /// The error as a DDP `result` or `nosub` carries it.
    var realtime: JSON {
        switch self {
        case .meteor(let code, let reason, let details):
            var error: [String: JSON] = [
                "isClientSafe": true, "error": Int(code).map(JSON.int) ?? .string(code), "errorType": "Meteor.Error",
                "message": .string([reason, "[\(code)]"].compactMap(\.self).joined(separator: " ")),
            ]
            if let reason { error["reason"] = .string(reason) }
            if let details { error["details"] = .object(details) }
            return .object(error)
        case .loginRefused(_, let message, _):
            return [
                "isClientSafe": true, "error": 403, "reason": .string(message), "message": .string("\(message) [403]"),
                "errorType": "Meteor.Error",
            ]
        case .plain(let text): return ChatError.code(text, text).realtime
        default:
            return [
                "isClientSafe": true, "error": 500, "reason": "Internal server error",
                "message": "Internal server error [500]", "errorType": "Meteor.Error",
            ]
        }
    }
}
