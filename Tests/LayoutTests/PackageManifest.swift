/// What `Package.swift` declares, read from its text: the targets and the modules each may import.
struct PackageManifest {
    /// Kinds of target, by the call that declares them.
    enum Kind: String, CaseIterable {
        case library = "library("
        /// Spelled out because its folder is elsewhere.
        case plain = ".target("
        case executable = "executable("
        case tests = "tests("
        case system = ".systemLibrary("
    }

    /// A declared target.
    struct Target {
        var name: String
        var kind: Kind
        /// Modules, own and foreign.
        var dependencies: Set<String>

        /// Whether it is a suite, or what suites share: the folder under `Tests/` that has its own declaration.
        var isForTests: Bool { kind == .tests || kind == .plain }
    }

    private(set) var targets: [String: Target] = [:]

    /// Reads a manifest.
    init(_ text: String) {
        let products = Self.products(in: text)
        // Before this come the functions of the same names.
        guard let list = text.firstRange(of: "    targets: [") else { return }
        let declarations = text[list.upperBound...]
        for kind in Kind.allCases {
            var rest = declarations
            while let call = rest.firstRange(of: kind.rawValue) {
                rest = rest[call.upperBound...]
                let before = declarations[..<call.lowerBound].last
                // `testTarget(` is no `target(`: a call begins after a space or a line's end.
                guard before == " " || before == "\n" else { continue }
                let arguments = Self.balanced(rest)
                guard let name = Self.quoted(arguments).first else { continue }
                targets[String(name)] = Target(
                    name: String(name), kind: kind,
                    dependencies: kind == .system ? [] : Self.dependencies(arguments, products: products))
            }
        }
    }

    /// `let crypto = Target.Dependency.product(name: "Crypto", …)`: what the names on the left stand for.
    private static func products(in text: String) -> [String: String] {
        var products: [String: String] = [:]
        for line in text.split(separator: "\n") where line.contains("Target.Dependency.product(name:") {
            let words = line.split(separator: " ")
            if words.count > 1, words[0] == "let", let product = quoted(line).first {
                products[String(words[1])] = String(product)
            }
        }
        return products
    }

    /// The list labelled so, else the first among the arguments that has no label.
    private static func dependencies(_ arguments: Substring, products: [String: String]) -> Set<String> {
        var arguments = arguments
        if let label = arguments.firstRange(of: "dependencies:") { arguments = arguments[label.upperBound...] }
        guard let open = arguments.firstIndex(of: "["), !arguments[..<open].contains(":") else { return [] }
        let end = arguments[open...].firstIndex(of: "]") ?? arguments.endIndex
        let items = arguments[arguments.index(after: open)..<end].split(separator: ",").map { item in
            item.filter { !$0.isWhitespace }
        }
        return Set(
            items.filter { !$0.isEmpty }.map { item in
                item.hasPrefix("\"") ? item.filter { $0 != "\"" } : products[item] ?? item
            })
    }

    private static func quoted(_ text: Substring) -> [Substring] {
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.indices.filter { !$0.isMultiple(of: 2) }.map { parts[$0] }
    }

    /// Up to the parenthesis that closes the call.
    private static func balanced(_ text: Substring) -> Substring {
        var depth = 1
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" { depth -= 1 }
            if depth == 0 { return text[..<index] }
        }
        return text
    }
}
