import Testing

@Suite("Imports and the manifest")
struct ImportRulesTests {
    @Test("every import is declared for its target and allowed there")
    func imports() throws {
        let rules = ImportRules(manifest: PackageManifest(try SourceTree.here.text("Package.swift")))
        let files = try SourceTree.here.swiftFiles()
        #expect(files.count > 100)
        #expect(files.flatMap { rules.problems(in: $0) } == [])
    }

    @Test("dependencies point down only")
    func arrows() throws {
        let rules = ImportRules(manifest: PackageManifest(try SourceTree.here.text("Package.swift")))
        #expect(rules.problemsInManifest() == [])
    }

    @Test("every folder of sources and tests is a target, and every target has its folder")
    func folders() throws {
        let manifest = PackageManifest(try SourceTree.here.text("Package.swift"))
        let tree = SourceTree.here
        let sources = try tree.folders(in: "Sources")
        // Packages of their own, as Tests/Fuzz is, have their own manifests.
        let tests = try tree.folders(in: "Tests").filter { folder in
            try !tree.has("Tests/\(folder)/Package.swift") && !tree.swiftFiles(under: "Tests/\(folder)").isEmpty
        }
        let declaredSources = manifest.targets.values.filter { !$0.isForTests }.map(\.name).sorted()
        #expect(Set(sources).union(tests).subtracting(manifest.targets.keys) == [])
        #expect(declaredSources.filter { !sources.contains($0) } == [])
        let declaredTests = manifest.targets.values.filter(\.isForTests).map(\.name)
        #expect(declaredTests.filter { !tests.contains($0) } == [])
    }

    // MARK: These checks can fail

    private static let manifest = PackageManifest(
        """
        func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target { .target(name: name) }
        let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
        let package = Package(
            targets: [
                .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
                library("EventLoop", ["CLibevent"]),
                library("ChatBackend"),
                library("Customers", ["ChatBackend", crypto]),
                library(
                    "Gateway",
                    [
                        "Customers", "EventLoop",
                        crypto,
                    ], resources: [.embedInCode("a.txt")]),
                library("Bare", resources: [.embedInCode("a.txt")]),
                .target(name: "TestSupport", dependencies: ["EventLoop", crypto], path: "Tests/TestSupport"),
                tests("GatewayTests", ["Gateway"]),
            ]
        )
        """)

    @Test("a manifest is read as it is written")
    func manifestReading() {
        let targets = Self.manifest.targets
        #expect(
            targets.keys.sorted() == [
                "Bare", "CHiredis", "ChatBackend", "Customers", "EventLoop", "Gateway", "GatewayTests",
                "TestSupport",
            ])
        #expect(targets["TestSupport"]?.dependencies == ["EventLoop", "Crypto"])
        #expect(targets["Gateway"]?.dependencies == ["Customers", "EventLoop", "Crypto"])
        #expect(targets["Bare"]?.dependencies == [])
        #expect(targets["ChatBackend"]?.dependencies == [])
        #expect(targets["CHiredis"]?.kind == .system)
        #expect(targets["GatewayTests"]?.kind == .tests)
    }

    @Test(
        "a wrong import is found",
        arguments: [
            ("Sources/Customers/A.swift", "import EventLoop", 2),
            ("Sources/Customers/A.swift", "internal import Crypto", 0),
            ("Sources/Customers/A.swift", "public import struct Foundation.URL", 0),
            ("Sources/Gateway/A.swift", "internal import CHiredis", 2),
            ("Sources/Gateway/A.swift", "@preconcurrency import Logging", 1),
            ("Sources/Gateway/A.swift", "import Testing", 1),
            ("Sources/Gateway/A.swift", "// import Logging", 0),
            ("Tests/GatewayTests/A.swift", "@testable import Gateway", 0),
            ("Tests/GatewayTests/A.swift", "import Customers", 1),
            ("Tests/GatewayTests/A.swift", "    @Test(\"every import Customers\")", 0),
            ("Tests/TestSupport/A.swift", "import Testing", 0),
        ])
    func wrongImport(path: String, line: String, count: Int) {
        let problems = ImportRules(manifest: Self.manifest).problems(in: SourceTree.File(path: path, text: line))
        #expect(problems.count == count, "\(problems)")
    }

    @Test("an adapter that imports the domain is found, even when the manifest lets it")
    func adapter() {
        let manifest = PackageManifest("    targets: [\n library(\"RocketChatBackend\", [\"Customers\"]),\n]")
        let file = SourceTree.File(path: "Sources/RocketChatBackend/A.swift", text: "import Customers")
        #expect(ImportRules(manifest: manifest).problems(in: file).count == 1)
    }

    @Test("a dependency upwards and a target without a layer are found")
    func upwards() {
        let manifest = PackageManifest(
            """
                targets: [
                    library("EventLoop", ["Gateway"]),
                    library("Newcomer"),
            ]
            """)
        #expect(
            ImportRules(manifest: manifest).problemsInManifest() == [
                "EventLoop → Gateway does not point down", "Newcomer has no layer",
            ])
    }
}
