/// The calls of the API as two places tell them: the table in `Routes.swift` and `openapi.yaml`.
enum APIDocument {
    /// `METHOD /path` of every line `"/path": ["METHOD": …, "METHOD": …],`.
    static func calls(inRoutes source: String) -> Set<String> {
        Set(
            source.split(separator: "\n").flatMap { line -> [String] in
                let quoted = line.split(separator: "\"", omittingEmptySubsequences: false)
                let texts = quoted.indices.filter { !$0.isMultiple(of: 2) }.map { quoted[$0] }
                guard let path = texts.first, path.hasPrefix("/"), line.contains("\": [\"") else { return [] }
                return texts.dropFirst().filter { !$0.isEmpty && $0.allSatisfy(\.isUppercase) }.map { "\($0) \(path)" }
            })
    }

    /// `METHOD /path` of every operation; paths stand two spaces in, methods four.
    static func calls(inDocument yaml: String) -> Set<String> {
        var path = ""
        var isPaths = false
        var calls: Set<String> = []
        for line in yaml.split(separator: "\n") {
            let indentation = line.prefix { $0 == " " }.count
            if indentation == 0 { isPaths = line == "paths:" }
            guard isPaths, line.hasSuffix(":") else { continue }
            if indentation == 2 { path = String(line.dropFirst(2).dropLast()) }
            if indentation == 4 { calls.insert("\(line.dropFirst(4).dropLast().uppercased()) \(path)") }
        }
        return calls
    }

    /// The components that an OpenAPI document refers to but lacks, and those that nothing refers to.
    static func looseEnds(inDocument yaml: String) -> [String] {
        let marker = "'#/components/"
        var used: Set<String> = []
        var rest = yaml[...]
        while let start = rest.firstRange(of: marker) {
            rest = rest[start.upperBound...]
            used.insert(String(rest.prefix { $0 != "'" }))
        }
        var defined: Set<String> = []
        var section = ""
        var isComponents = false
        for line in yaml.split(separator: "\n") {
            let indentation = line.prefix { $0 == " " }.count
            let key = line.drop { $0 == " " }.prefix { $0 != ":" }
            if indentation == 0 { isComponents = line == "components:" }
            if isComponents, indentation == 2 { section = String(key) }
            if isComponents, indentation == 4, section != "securitySchemes" { defined.insert("\(section)/\(key)") }
        }
        return used.subtracting(defined).map { "\($0) is missing" }.sorted()
            + defined.subtracting(used).map { "\($0) is not used" }.sorted()
    }
}
