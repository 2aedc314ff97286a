/// Which module may import which (STYLE: a target imports only what its line in the manifest names; arrows point down
/// only).
struct ImportRules {
    let manifest: PackageManifest

    /// What every target has without a dependency.
    static let platform: Set<String> = [
        "Swift", "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization", "Testing",
    ]

    /// The layers of the package, from the system's libraries up to the programs.
    static let layers: [String: Int] = [
        "CFCGI": 0, "CHiredis": 0, "CLibevent": 0, "CCurl": 0,
        "EventLoop": 1, "FastCGIProtocol": 1, "HTTPMessage": 1, "ChatBackend": 1, "Telemetry": 1,
        "FastCGI": 2, "RedisClient": 2, "HTTPClient": 2,
        "Customers": 3, "RocketChatBackend": 3, "MatrixBackend": 3,
        "CustomersAPI": 4, "CustomersRedis": 4,
        "Gateway": 5, "DevChatServer": 5,
        "customersd": 6, "customersctl": 6, "devchat": 6,
    ]

    /// Modules with one owner among the sources, and no other user.
    static let owners: [String: Set<String>] = [
        "CFCGI": ["FastCGI"], "CHiredis": ["RedisClient"], "CLibevent": ["EventLoop"], "CCurl": ["HTTPClient"],
        "FlyingFox": ["DevChatServer"], "FlyingSocks": ["DevChatServer"],
    ]

    /// All that the domain may know; no HTTP, no Redis, nobody else's JSON.
    static let domain = platform.union(["ChatBackend", "Crypto", "Logging"]).subtracting(["Testing"])

    /// Chat server adapters; they serve the domain without knowing it.
    static let adapters: Set<String> = ["RocketChatBackend", "MatrixBackend"]

    /// The modules that a file imports.
    static func imports(in file: SourceTree.File) -> [String] {
        file.lines.compactMap { line in
            var words = line.split(separator: " ")[...]
            while let word = words.first, word.hasPrefix("@") && !word.contains("(") || access.contains(word) {
                words = words.dropFirst()
            }
            guard words.first == "import", var module = words.dropFirst().first else { return nil }
            if kinds.contains(module), let named = words.dropFirst(2).first { module = named }
            return module.split(separator: ".").first.map(String.init)
        }
    }

    private static let access: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]

    /// What is wrong with a file's imports.
    func problems(in file: SourceTree.File) -> [String] {
        guard let name = file.target, let target = manifest.targets[name] else { return [] }
        return Self.imports(in: file).flatMap { module in
            problems(of: target, importing: module).map { "\(file.path): \($0)" }
        }
    }

    private func problems(of target: PackageManifest.Target, importing module: String) -> [String] {
        var problems: [String] = []
        if !Self.platform.contains(module), !target.dependencies.contains(module) {
            problems.append("imports \(module), which the manifest does not give \(target.name)")
        }
        guard !target.isForTests else { return problems }
        if module == "Testing" { problems.append("imports Testing") }
        if let owners = Self.owners[module], !owners.contains(target.name) {
            problems.append("imports \(module), which belongs to \(owners.sorted().joined(separator: ", "))")
        }
        if target.name == "Customers", !Self.domain.contains(module) {
            problems.append("imports \(module), which the domain must not know")
        }
        if Self.adapters.contains(target.name), module == "Customers" {
            problems.append("imports Customers, which an adapter must not know")
        }
        return problems
    }

    /// Dependencies in the manifest that do not point down, and targets without a layer.
    func problemsInManifest() -> [String] {
        manifest.targets.values.filter { !$0.isForTests }.sorted { $0.name < $1.name }.flatMap { target in
            guard let layer = Self.layers[target.name] else { return ["\(target.name) has no layer"] }
            return target.dependencies.sorted().compactMap { dependency in
                guard let below = Self.layers[dependency], below >= layer else { return nil }
                return "\(target.name) → \(dependency) does not point down"
            }
        }
    }
}
