internal import Yams

/// One value in a file with its place.
struct SettingValue {
    let file: SettingsFile
    /// The whole name: `tokens.scopes[1]`.
    let path: String
    let node: Node

    var line: Int? { node.mark?.line }

    /// The text, however it is written; anything else is an error.
    func text() -> String? {
        guard case .scalar(let scalar) = node, !node.isNothing else {
            file.error(line: line, key: path, "expected a text, got \(node.kind)")
            return nil
        }
        guard !scalar.string.utf8.contains(0) else {
            file.error(line: line, key: path, "must not contain NUL")
            return nil
        }
        return scalar.string
    }

    /// `expected …, got "…"`.
    func error(_ expectation: String, got text: String) {
        file.error(line: line, key: path, expectation + ", got " + Self.quoted(text))
    }

    /// On one line, at most 60 characters, and without what may be a password in an address.
    static func quoted(_ text: String) -> String {
        if text.contains("@") { return "another text" }
        let shown = text.unicodeScalars.prefix(60).map { $0.properties.generalCategory == .control ? "?" : String($0) }
            .joined()
        return "\"" + shown + (text.unicodeScalars.count > 60 ? "…" : "") + "\""
    }
}
