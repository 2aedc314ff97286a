/// The end of a command's help: lines that can be copied as they are. `text` stands before them.
func examples(_ lines: String..., after text: String = "") -> String {
    (text.isEmpty ? "" : text + "\n\n") + "EXAMPLES\n" + lines.map { "  " + $0 }.joined(separator: "\n")
}
