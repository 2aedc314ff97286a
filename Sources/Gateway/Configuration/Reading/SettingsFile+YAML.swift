internal import Yams

extension SettingsFile {
    /// Reads the file's one YAML document; what keeps it from being read becomes an error. Nil for an empty document,
    /// too.
    func document() -> Node? {
        let bytes: [UInt8]
        do { bytes = try ReadableFile(path: path).bytes } catch {
            self.error("cannot be read: \(error.text)", isForbidden: error.isForbidden)
            return nil
        }
        // A stream may begin with a byte order mark (YAML 1.2 section 5.2), but libyaml, told that it is UTF-8, does
        // not look for one.
        let text = bytes.starts(with: ReadableFile.byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
        guard let yaml = String(validating: text, as: UTF8.self) else {
            let good = String(decoding: text, as: UTF8.self).prefix { $0 != "\u{FFFD}" }
            error(line: Self.line(after: good), "is not UTF-8")
            return nil
        }
        do {
            var documents = try compose_all(yaml: yaml, .default, .default, .utf8)
            let document = documents.next()
            // Yams traps when it is asked to go on after an error.
            let second = documents.error == nil ? documents.next() : nil
            if let failure = documents.error { throw failure }
            if let second { error(line: second.mark?.line, "expected one YAML document, got another one") }
            return document
        } catch let failure as YamlError {
            report(failure, yaml)
        } catch {
            self.error("YAML: \(error)")
        }
        return nil
    }

    private func report(_ failure: YamlError, _ yaml: String) {
        switch failure {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let since = context.map { " (\($0.text), line \($0.mark.line))" } ?? ""
            let lines = yaml.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            if problem.contains("cannot start any token"), lines.indices.contains(mark.line - 1),
                lines[mark.line - 1].prefix(while: \.isWhitespace).contains("\t")
            {
                error(line: mark.line, "YAML: the line begins with a tab; indent with spaces")
            } else {
                error(line: mark.line, "YAML: \(problem)\(since)")
            }
        case .reader(let problem, let offset, _, let yaml):
            error(line: offset.map { Self.line(after: yaml.prefix($0)) }, "YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let line = Self.repetition(of: key, after: context.mark, in: yaml)
            error(line: line ?? context.mark.line, key: key, "duplicate key, first in line \(context.mark.line)")
        default: error("YAML: \(failure)")
        }
    }

    /// Yams tells where a duplicate key stands first. The second place is the next line that starts with the key in the
    /// same column.
    private static func repetition(of key: String, after mark: Mark, in yaml: String) -> Int? {
        let start = String(repeating: " ", count: max(0, mark.column - 1)) + key
        for (index, line) in yaml.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            .dropFirst(mark.line)
        {
            if line.hasPrefix(start), line.dropFirst(start.count).drop(while: { $0 == " " }).first == ":" {
                return index + 1
            }
        }
        return nil
    }

    private static func line(after text: Substring) -> Int { 1 + text.count { $0.isNewline } }
}
