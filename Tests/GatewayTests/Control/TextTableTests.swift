import Testing

@testable import Gateway

@Suite("Text table")
struct TextTableTests {
    @Test("columns are as wide as their widest cell, and lines end with no blank")
    func columns() {
        var table = TextTable("name", "n")
        table.add("a", "1")
        table.add("longer", "")
        #expect(table.text(ifEmpty: "") == "NAME    N\na       1\nlonger")
    }

    @Test("wide characters take two columns")
    func wide() {
        var table = TextTable("name", "n")
        table.add("王小明", "1")
        table.add("ann", "2")
        #expect(table.text(ifEmpty: "") == "NAME    N\n王小明  1\nann     2")
    }

    @Test("what steers a terminal is not printed")
    func controls() {
        var table = TextTable("name")
        table.add("a\u{1b}[31m\nb\u{202e}")
        #expect(table.text(ifEmpty: "") == "NAME\na?[31m?b?")
    }

    @Test("an empty table is a sentence")
    func empty() { #expect(TextTable("name").text(ifEmpty: "nothing") == "nothing") }
}
