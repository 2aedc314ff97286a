internal import RocketChatBackend

/// One thing that the doctor looked at.
struct Finding: Encodable, Sendable, Equatable {
    enum Outcome: String, Encodable, Sendable { case good, note, warning, fault }

    var outcome: Outcome
    var text: String
    var remedy: String

    static func good(_ text: String) -> Finding { Finding(outcome: .good, text: text, remedy: "") }
    static func warning(_ text: String, _ remedy: String) -> Finding {
        Finding(outcome: .warning, text: text, remedy: remedy)
    }
    static func fault(_ text: String, _ remedy: String) -> Finding {
        Finding(outcome: .fault, text: text, remedy: remedy)
    }

    init(outcome: Outcome, text: String, remedy: String) {
        self.outcome = outcome
        self.text = text
        self.remedy = remedy
    }

    init(_ finding: RocketChatFinding) {
        switch finding.outcome {
        case .good: outcome = .good
        case .note: outcome = .note
        case .warning: outcome = .warning
        case .fault: outcome = .fault
        }
        text = finding.text
        remedy = finding.remedy
    }

    var line: String {
        let mark =
            switch outcome {
            case .good: "ok     "
            case .note: "note   "
            case .warning: "WARN   "
            case .fault: "FAULT  "
            }
        return mark + TextTable.printable(text) + (remedy.isEmpty ? "" : "\n       → " + TextTable.printable(remedy))
    }
}
