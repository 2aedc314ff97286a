/// What holds for each file and for their names (STYLE: one type, one file; no drawers; nothing unfinished).
enum FileRules {
    /// Words that a folder or file is not named with: nobody guesses what is in it.
    static let drawers = ["Utils", "Utilities", "Helpers", "Common", "Manager", "Misc"]

    /// What ends the process, or was left for later.
    static let traps = ["try!", "as!", "fatalError(", "TODO", "FIXME"]

    /// Names that more than one file has; every program has its own `main.swift`.
    static func repeatedNames(_ paths: [String]) -> [String] {
        var seen: [Substring: String] = [:]
        return paths.compactMap { path in
            guard let name = path.split(separator: "/").last, name != "main.swift" else { return nil }
            guard let first = seen[name] else {
                seen[name] = path
                return nil
            }
            return "\(path) has the name of \(first)"
        }
    }

    /// Files over the limit: 400 lines, 500 for tests.
    static func tooLong(_ files: [SourceTree.File]) -> [String] {
        files.compactMap { file in
            let limit = file.path.hasPrefix("Tests/") ? 500 : 400
            return file.lines.count > limit ? "\(file.path) has \(file.lines.count) lines" : nil
        }
    }

    /// Traps and left-overs, each with its place.
    static func traps(_ files: [SourceTree.File]) -> [String] {
        files.flatMap { file in
            zip(1..., file.lines).flatMap { number, line in
                traps.filter { line.contains($0) }.map { "\(file.path):\(number) has \($0)" }
            }
        }
    }

    /// Paths with a drawer in them.
    static func drawers(_ paths: [String]) -> [String] {
        paths.filter { path in
            path.split(separator: "/").contains { part in
                let name = part.split(separator: ".").first ?? ""
                return drawers.contains { $0 == "Manager" ? name == $0 : name.hasSuffix($0) }
            }
        }
    }
}
