internal import HTTPMessage
internal import Yams

/// A mapping in a file, or the place where one could be. Reading a value that is wrong records an error and gives the
/// default, so that one pass finds everything.
struct SettingsSection {
    let file: SettingsFile
    /// The whole name, "" for the file's top.
    let path: String
    private let line: Int?
    private let entries: [Entry]

    private struct Entry {
        var key: String
        var keyLine: Int?
        var value: SettingValue
    }

    /// Takes a node; unknown keys and a node that is no mapping are errors. `line` is where it starts, unless it is the
    /// node's own.
    init(_ node: Node?, file: SettingsFile, path: String, known: [String], line: Int? = nil) {
        self.file = file
        self.path = path
        self.line = line ?? node?.mark?.line
        guard let node, !node.isNothing else {
            entries = []
            return
        }
        guard case .mapping(let mapping) = node else {
            file.error(line: node.mark?.line, key: path, "expected settings, got \(node.kind)")
            entries = []
            return
        }
        var entries: [Entry] = []
        for (keyNode, value) in mapping {
            let key = keyNode.scalar?.string ?? ""
            let path = Self.join(path, key)
            if known.contains(key) {
                entries.append(
                    Entry(
                        key: key, keyLine: keyNode.mark?.line, value: SettingValue(file: file, path: path, node: value))
                )
            } else {
                file.error(line: keyNode.mark?.line, key: path, KeySuggestion.text(for: key, known: known))
            }
        }
        self.entries = entries
    }

    private init(_ other: SettingValue) {
        file = other.file
        path = other.path
        line = other.line
        if case .mapping(let mapping) = other.node {
            entries = mapping.map { keyNode, value in
                let key = keyNode.scalar?.string ?? ""
                let value = SettingValue(file: other.file, path: Self.join(other.path, key), node: value)
                return Entry(key: key, keyLine: keyNode.mark?.line, value: value)
            }
        } else {
            entries = []
        }
    }

    // MARK: What is there

    /// A value that is there and is not null.
    func value(_ key: String) -> SettingValue? {
        entries.first { $0.key == key }.map(\.value).flatMap { $0.node.isNothing ? nil : $0 }
    }

    /// Whether the key is there with anything but null.
    func isPresent(_ key: String) -> Bool { value(key) != nil }

    /// Whether the key is there with anything but null and `""`, which everywhere means the default.
    func isSet(_ key: String) -> Bool {
        guard let node = value(key)?.node else { return false }
        return node.scalar?.string != ""
    }

    // MARK: Problems

    /// An error about a key, or about the section itself.
    func error(_ key: String?, _ text: String, isForbidden: Bool = false) {
        file.error(
            line: key.flatMap { value($0)?.line } ?? line, key: key.map { Self.join(path, $0) } ?? path, text,
            isForbidden: isForbidden)
    }

    /// `text, got "value"`.
    func error(_ key: String, _ text: String, got value: String) {
        error(key, text + ", got " + SettingValue.quoted(value))
    }

    /// A warning about a key.
    func warn(_ key: String, _ text: String) {
        file.warn(line: value(key)?.line ?? line, key: Self.join(path, key), text)
    }

    /// An error when the key is not set.
    func require(_ key: String, hint: String) {
        if !isSet(key) { error(key, "is required: \(hint)") }
    }

    static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    // MARK: Inside

    /// A section in this one.
    func section(_ key: String, known: [String]) -> SettingsSection {
        let line = entries.first { $0.key == key }?.keyLine
        return SettingsSection(value(key)?.node, file: file, path: Self.join(path, key), known: known, line: line)
    }

    /// The elements of a list.
    func values(_ key: String) -> [SettingValue] {
        guard let value = value(key) else { return [] }
        guard case .sequence(let sequence) = value.node else {
            file.error(line: value.line, key: value.path, "expected a list, got \(value.node.kind)")
            return []
        }
        return sequence.enumerated().map { SettingValue(file: file, path: "\(value.path)[\($0)]", node: $1) }
    }

    /// The sections in a list. An element that is null is an empty section.
    func sections(_ key: String, known: [String]) -> [SettingsSection] {
        values(key).map { SettingsSection($0.node, file: file, path: $0.path, known: known) }
    }

    /// One section of a list that was read before, for errors about it.
    func element(_ key: String, _ index: Int) -> SettingsSection {
        guard case .sequence(let sequence)? = value(key)?.node, sequence.indices.contains(index) else { return self }
        return SettingsSection(
            SettingValue(file: file, path: "\(Self.join(path, key))[\(index)]", node: sequence[index]))
    }

    /// A mapping of anything, as JSON.
    func json(_ key: String) -> [String: JSONValue]? {
        guard let value = value(key) else { return nil }
        guard let members = value.node.json.object else {
            file.error(line: value.line, key: value.path, "expected settings, got \(value.node.kind)")
            return nil
        }
        return members
    }
}
