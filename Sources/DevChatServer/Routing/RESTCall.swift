/// One call on its way through a route: who calls, and with what.
struct RESTCall: Sendable {
    let request: ChatRequest
    /// The path components after the route's name.
    let pathArguments: [String]
    /// The caller's id; empty before a route without authentication.
    var userID = ""
    /// The presented token.
    var token = ""
    /// Body or query values, coerced once the schema was met.
    var values: [String: JSON]
    /// `im.create` leaves out unknown names in this call.
    var dropsUnknownNames = false
    /// `users.createToken` fails for a user who never signed in.
    var tokensUndefined = false

    /// The text under that name; nil when absent or empty.
    func text(_ name: String) -> String? {
        values[name]?.text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The truth value under that name, given as such or as text.
    func flag(_ name: String) -> Bool? {
        switch values[name] {
        case .bool(let flag): flag
        case .string("true"): true
        case .string("false"): false
        default: nil
        }
    }

    /// The whole number under that name, given as such or as text.
    func number(_ name: String) -> Int? {
        values[name]?.number ?? values[name]?.text.flatMap { Int($0) }
    }

    /// The texts under that name: a list, or one text.
    func texts(_ name: String) -> [String]? {
        switch values[name] {
        case .array(let list): list.compactMap(\.text)
        case .string(let text): [text]
        default: nil
        }
    }

    /// A date parameter; throws when it is there and cannot be read.
    func date(_ name: String) throws(ChatError) -> Timestamp? {
        guard let text = text(name) else { return nil }
        guard let date = Timestamp(iso: text) else {
            throw .code("error-invalid-params", "The \"\(name)\" parameter must be a valid date.")
        }
        return date
    }
}
