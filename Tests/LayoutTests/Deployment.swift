/// What the files of `nginx/`, `systemd/` and the sources say of the same things.
enum Deployment {
    /// The first argument of the first line that begins with `word`, without `;` and quotes.
    static func setting(_ word: String, in text: String) -> String? {
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "=" }
            if words.count > 1, words[0] == word { return words[1].filter { $0 != ";" && $0 != "\"" } }
        }
        return nil
    }

    /// The path of nginx's upstream server.
    static func upstreamSocket(_ configuration: String) -> String? {
        setting("server", in: configuration).flatMap { $0.hasPrefix("unix:") ? String($0.dropFirst(5)) : nil }
    }

    /// Seconds of an nginx time such as `60s`.
    static func seconds(_ text: String?) -> Int? {
        guard let text, text.hasSuffix("s") else { return nil }
        return Int(text.dropLast())
    }

    /// Bytes of an nginx size such as `160k`.
    static func bytes(_ text: String?) -> Int? {
        guard let text, text.hasSuffix("k") else { return nil }
        return Int(text.dropLast()).map { $0 * 1_024 }
    }

    /// The parameters that nginx passes.
    static func parameters(_ configuration: String) -> Set<String> {
        Set(
            configuration.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                return words.count > 2 && words[0] == "fastcgi_param" ? String(words[1]) : nil
            })
    }

    /// The parameters behind the header fields that Swift code asks for with `header("…")`.
    static func parametersRead(by sources: [SourceTree.File]) -> Set<String> {
        Set(
            sources.flatMap { file -> [String] in
                var names: [String] = []
                var rest = file.text[...]
                while let call = rest.firstRange(of: ".header(\"") {
                    rest = rest[call.upperBound...]
                    let name = rest.prefix { $0 != "\"" }.uppercased().map { $0 == "-" ? "_" : $0 }
                    names.append((name.starts(with: "CONTENT_") ? "" : "HTTP_") + String(name))
                }
                return names
            })
    }

    /// The verbs of a Makefile: targets that are no files.
    static func verbs(_ makefile: String) -> Set<String> {
        Set(
            makefile.split(separator: "\n").filter { $0.hasPrefix(".PHONY:") }.flatMap { line in
                line.split(separator: " ").dropFirst().map(String.init)
            })
    }

    /// The verbs that a document tells people to type: `make VERB` in code.
    static func verbsNamed(in document: String) -> Set<String> {
        var verbs: Set<String> = []
        for (index, code) in document.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        where !index.isMultiple(of: 2) {
            for line in code.split(separator: "\n") {
                let words = line.split(separator: " ")
                for (word, next) in zip(words, words.dropFirst()) where word == "make" && !next.contains("=") {
                    verbs.insert(String(next))
                }
            }
        }
        return verbs
    }

    /// The file names in code with one of these endings.
    static func fileNames(in document: String, endings: [String]) -> Set<String> {
        let parts = document.split(separator: "`", omittingEmptySubsequences: false)
        let code = parts.indices.filter { !$0.isMultiple(of: 2) }.map { parts[$0] }
        return Set(
            code.filter { text in
                !text.contains { $0.isWhitespace || $0 == "*" } && endings.contains { text.hasSuffix($0) }
            }.map(String.init))
    }

    /// The targets of links to files of the package.
    static func links(in document: String) -> Set<String> {
        var links: Set<String> = []
        var rest = document[...]
        while let start = rest.firstRange(of: "](") {
            rest = rest[start.upperBound...]
            let target = rest.prefix { $0 != ")" && $0 != "#" }
            if !target.isEmpty, !target.contains("://") { links.insert(String(target)) }
        }
        return links
    }

    /// The keys of the configuration, from the lists `keys = […]` and `known: […]` of the code that reads it. A plain
    /// key beside a `…_file` is left out: it is for tests.
    static func settings(in sources: [SourceTree.File]) -> Set<String> {
        var keys: Set<String> = []
        for file in sources {
            for label in ["keys = [", "known: ["] {
                var rest = file.text[...]
                while let start = rest.firstRange(of: label) {
                    rest = rest[start.upperBound...]
                    let parts = rest.prefix { $0 != "]" }.split(separator: "\"", omittingEmptySubsequences: false)
                    keys.formUnion(parts.indices.filter { !$0.isMultiple(of: 2) }.map { String(parts[$0]) })
                }
            }
        }
        return keys.filter { !keys.contains("\($0)_file") }
    }
}
