import Testing

@Suite("Files")
struct FileRulesTests {
    @Test("file names are unique in the package")
    func names() throws {
        let repeated = FileRules.repeatedNames(try SourceTree.here.swiftFiles().map(\.path))
        #expect(repeated == [])
        #expect(FileRules.repeatedNames(["Sources/A/X.swift", "Sources/B/main.swift", "Sources/C/main.swift"]) == [])
        #expect(FileRules.repeatedNames(["Sources/A/X.swift", "Tests/B/X.swift"]).count == 1)
    }

    @Test("a file can be read in one sitting")
    func sizes() throws {
        let tooLong = FileRules.tooLong(try SourceTree.here.swiftFiles())
        #expect(tooLong == [])
        func file(_ path: String, _ lines: Int) -> SourceTree.File {
            SourceTree.File(path: path, text: String(repeating: "x\n", count: lines))
        }
        #expect(FileRules.tooLong([file("Sources/A/X.swift", 400), file("Tests/A/Y.swift", 500)]) == [])
        #expect(FileRules.tooLong([file("Sources/A/X.swift", 401), file("Tests/A/Y.swift", 501)]).count == 2)
    }

    @Test("nothing in the sources ends the process or was left for later")
    func traps() throws {
        let traps = FileRules.traps(try SourceTree.here.swiftFiles(under: "Sources"))
        #expect(traps == [])
        for trap in FileRules.traps {
            #expect(FileRules.traps([SourceTree.File(path: "Sources/A/X.swift", text: "let x = \(trap) y")]).count == 1)
        }
    }

    @Test("there are no drawers")
    func drawers() throws {
        let drawers = FileRules.drawers(try SourceTree.here.swiftFiles().map(\.path))
        #expect(drawers == [])
        #expect(FileRules.drawers(["Sources/A/Utils/X.swift", "Sources/A/StringHelpers.swift"]).count == 2)
        #expect(FileRules.drawers(["Sources/A/ServiceManager.swift"]) == [])
    }
}
