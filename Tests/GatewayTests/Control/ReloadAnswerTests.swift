import Testing

@testable import Gateway

@Suite("Answer of a reload")
struct ReloadAnswerTests {
    private func read(_ json: String) throws(AdminError) -> ReloadAnswer {
        try ReloadAnswer(parsing: Array(json.utf8))
    }

    @Test("what the daemon writes is read back")
    func roundTrip() throws {
        let answer = ReloadAnswer(problems: ["a: b"], waiting: ["chat.url", "workers"])
        guard case .result(let json) = ControlReply.result(of: answer) else {
            Issue.record("no result")
            return
        }
        #expect(try ReloadAnswer(parsing: json) == answer)
    }

    @Test("a daemon of an older version is understood")
    func old() throws {
        #expect(try read("true") == ReloadAnswer())
        #expect(try read("[]") == ReloadAnswer())
        #expect(try read(#"["a: b"]"#) == ReloadAnswer(problems: ["a: b"]))
    }

    @Test("anything else is no answer", arguments: ["", "false", "{}", "1", "null"])
    func nonsense(json: String) {
        let error = #expect(throws: AdminError.self) { try read(json) }
        #expect(error?.kind == .unavailable)
    }
}
