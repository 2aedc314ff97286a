extension SettingsSection {
    /// A text; `""` means the default. `expected` says what `isAllowed` allows.
    func text(
        _ key: String, default: String, expected: String = "", isAllowed: (String) -> Bool = { _ in true }
    ) -> String {
        parsed(key, expected: expected) { isAllowed($0) ? $0 : nil } ?? `default`
    }

    /// A list of texts; nil when the key is not there.
    func texts(_ key: String, expected: String, isAllowed: (String) -> Bool) -> [String]? {
        guard isPresent(key) else { return nil }
        return values(key).compactMap { value in
            guard let text = value.text() else { return nil }
            guard isAllowed(text) else {
                value.error("expected \(expected)", got: text)
                return nil
            }
            return text
        }
    }

    /// A whole number.
    func integer(_ key: String, of unit: String?, in range: ClosedRange<Int>, default: Int) -> Int {
        let what = unit.map { "a whole number of \($0)" } ?? "a whole number"
        return parsed(key, expected: "\(what) between \(range.lowerBound) and \(range.upperBound)") { text in
            guard let number = Int(text), range.contains(number), text.first != "+" else { return nil }
            return number
        } ?? `default`
    }

    /// `true` or `false`.
    func flag(_ key: String, default: Bool) -> Bool {
        parsed(key, expected: "true or false") { ["true": true, "false": false][$0] } ?? `default`
    }

    /// One of a few words.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default: Choice) -> Choice {
        let words = Choice.allCases.map(\.rawValue)
        let expected =
            words.count < 2
            ? words.joined() : words.dropLast().joined(separator: ", ") + " or " + words.suffix(1).joined()
        return parsed(key, expected: expected) { Choice(rawValue: $0) } ?? `default`
    }

    /// A rate; nil is no limit.
    func rate(_ key: String, default: CallRate?) -> CallRate? {
        parsed(key, expected: CallRate.expectation, CallRate.parse) ?? `default`
    }

    /// The address of a web server.
    func webOrigin(_ key: String) -> WebOrigin? {
        parsed(key, expected: "http:// or https:// with a host and perhaps a port, no user, no path") { text in
            guard let origin = WebOrigin(text, allowsSlash: true), origin.isHTTP else { return nil }
            return origin
        }
    }

    /// A UUID in lower case with dashes; "" after an error.
    func requiredUUID(_ key: String, hint: String) -> String {
        require(key, hint: hint)
        let expected = "a UUID other than zero, dashed or as 32 hexadecimal digits"
        return parsed(key, expected: expected) { text in
            // `UUIDText` of the domain does the same, but settings know no domain.
            let digits =
                text.utf8.count == 36
                ? text.lowercased().split(separator: "-", omittingEmptySubsequences: false) : [text.lowercased()[...]]
            guard digits.map(\.utf8.count) == [8, 4, 4, 4, 12] || digits.map(\.utf8.count) == [32] else { return nil }
            let all = digits.joined()
            guard all.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
                all.contains(where: { $0 != "0" })
            else {
                return nil
            }
            var rest = all[...]
            return [8, 4, 4, 4, 12].map { length in
                defer { rest = rest.dropFirst(length) }
                return String(rest.prefix(length))
            }.joined(separator: "-")
        } ?? ""
    }

    /// A text turned into something; nil when it is not set, or wrong, which is an error. `isSecret` keeps the text out
    /// of the error.
    func parsed<Value>(_ key: String, expected: String, isSecret: Bool = false, _ parse: (String) -> Value?) -> Value? {
        guard isSet(key), let value = value(key), let text = value.text() else { return nil }
        if let result = parse(text) { return result }
        if isSecret {
            error(key, "expected \(expected)")
        } else {
            value.error("expected \(expected)", got: text)
        }
        return nil
    }
}
