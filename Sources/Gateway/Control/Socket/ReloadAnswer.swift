internal import HTTPMessage

/// How a reload went, as the daemon answers it.
struct ReloadAnswer: Encodable, Sendable, Equatable {
    /// What is wrong with the configuration, a line each; when that is nothing, it is in force.
    var problems: [String] = []
    /// The keys that have changed and that only a restart takes.
    var waiting: [String] = []
}

extension ReloadAnswer {
    /// Reads the JSON text of an answer. A daemon of an older version says `true`, or the problems alone.
    init(parsing json: [UInt8]) throws(AdminError) {
        let value = try? JSONValue(parsing: json)
        let texts = { (value: JSONValue?) in value?.array?.compactMap(\.string) ?? [] }
        if let problems = value?["problems"] {
            self.init(problems: texts(problems), waiting: texts(value?["waiting"]))
        } else if value?.array != nil || value?.bool == true {
            self.init(problems: texts(value))
        } else {
            throw AdminError(
                .unavailable, "the daemon's answer is not understood",
                remedy: "its log says how the reload went: journalctl -u customersd -n 50")
        }
    }
}
