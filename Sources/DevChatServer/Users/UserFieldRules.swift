import Foundation

/// What Rocket.Chat accepts as a user's fields (contract sheet, `users.create`).
enum UserFieldRules {
    /// The default of `UTF8_User_Names_Validation`, and of the like setting for room names.
    static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    return true
                default: return false
                }
            }
    }

    /// Whether a name to show has neither `<`, `>`, `\`, `/` nor a broken percent escape.
    static func isDisplayName(_ name: String) -> Bool {
        let invalid: (Character) -> Bool = { "<>\\/".contains($0) }
        guard !name.contains(where: invalid), isDecodable(name) else { return false }
        return !(name.removingPercentEncoding ?? "").contains(where: invalid) || !name.contains("%")
    }

    /// Every `%` must start an escape, as JavaScript's `decodeURI` asks.
    private static func isDecodable(_ name: String) -> Bool {
        !name.contains("%") || name.removingPercentEncoding != nil
    }

    /// Something before and after one `@`, a dot in the domain, no spaces.
    static func isAddress(_ email: String) -> Bool {
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !email.contains(where: \.isWhitespace) else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count > 1 && labels.allSatisfy { !$0.isEmpty }
    }

    /// HTML-escapes a value on its way into an error text, as the server does.
    static func escaped(_ text: String) -> String {
        guard text.contains(where: { "&<>\"'".contains($0) }) else { return text }
        return text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
    }
}
