import Gateway
import Testing

@Suite("Command suggestion")
struct CommandSuggestionTests {
    @Test("a slip of the finger is named, anything else gets the list")
    func text() {
        let known = ["status", "session", "token"]
        #expect(
            CommandSuggestion.text(for: "statsu", after: "customersctl", known: known)
                == "customersctl knows no \"statsu\"\n  → did you mean customersctl status?")
        #expect(
            CommandSuggestion.text(for: "frobnicate", after: "customersctl", known: known)
                == "customersctl knows no \"frobnicate\"\n  → there are status, session, token")
    }
}
