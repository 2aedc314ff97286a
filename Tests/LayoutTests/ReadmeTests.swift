import Testing

@Suite("README")
struct ReadmeTests {
    private let tree = SourceTree.here

    @Test("every make verb it names is in the Makefile")
    func verbs() throws {
        let named = Deployment.verbsNamed(in: try tree.text("README.md"))
        #expect(named.isSuperset(of: ["demo", "test"]))
        #expect(named.subtracting(Deployment.verbs(try tree.text("Makefile"))) == [])
        let sample = "run `make fly` and make it\n```\nmake demo DEMO_ONCE=1\n```"
        #expect(Deployment.verbsNamed(in: sample) == ["fly", "demo"])
        #expect(Deployment.verbs(".PHONY: a b\n\na:\n") == ["a", "b"])
    }

    @Test("every file it names exists")
    func files() throws {
        let readme = try tree.text("README.md")
        #expect(Deployment.links(in: readme).filter { !tree.has($0) } == [])
        let sources = Set(try tree.swiftFiles().map(\.name))
        #expect(Deployment.fileNames(in: readme, endings: [".swift"]).subtracting(sources) == [])
        #expect(Deployment.links(in: "[a](b.md#c) [d](https://e.f/g)") == ["b.md"])
        #expect(Deployment.fileNames(in: "`A.swift` and `x y.swift`, `*.swift`", endings: [".swift"]) == ["A.swift"])
    }

    @Test("every call of the API has its example")
    func examples() throws {
        let readme = try tree.text("README.md")
        let calls = APIDocument.calls(inRoutes: try tree.text("Sources/CustomersAPI/Routes.swift"))
        let paths = Set(calls.compactMap { $0.split(separator: " ").last }).subtracting(["/customers/transfer"])
        #expect(paths.filter { !readme.contains($0) } == [])
    }

    @Test("every key of the configuration is in its tables")
    func settings() throws {
        let readme = try tree.text("README.md")
        let keys = Deployment.settings(in: try tree.swiftFiles(under: "Sources/Gateway/Configuration"))
        #expect(keys.isSuperset(of: ["listen", "url", "key_file", "secret_key_file", "capacity", "body"]))
        // A section's own name stands before its keys: `redis.url`, `departments[].id`.
        let missing = keys.filter { key in
            !["`\(key)`", ".\(key)`", "`\(key).", "`\(key)[", ".\(key)["].contains { readme.contains($0) }
        }
        #expect(missing == [])
        let source = SourceTree.File(path: "", text: #"let keys = ["a", "b_file", "b"]; f(known: ["c"])"#)
        #expect(Deployment.settings(in: [source]) == ["a", "b_file", "c"])
    }
}
