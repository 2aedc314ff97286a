/// What to say of a word that is no command.
public enum CommandSuggestion {
    /// One line and what was probably meant.
    ///
    /// - Parameters:
    ///   - word: what was typed.
    ///   - command: before which it stands, such as `customersctl tenant`.
    ///   - known: what could stand there.
    /// - Returns: the text.
    public static func text(for word: String, after command: String, known: [String]) -> String {
        let hint =
            KeySuggestion.nearest(to: word, among: known).map { "did you mean \(command) \($0)?" }
            ?? "there are " + known.joined(separator: ", ")
        return "\(command) knows no \"\(TextTable.printable(word))\"\n  → \(hint)"
    }
}
