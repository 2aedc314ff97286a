import Customers
import HTTPMessage

/// The fields of a request, read by their rules; all that is wrong is reported at once.
struct Parameters {
    private let fields: RequestFields
    private(set) var errors: [String: String] = [:]

    /// Reads the fields.
    ///
    /// - Throws: `RequestFieldsError`.
    init(_ request: HTTPRequest) throws { fields = try RequestFields(request: request) }

    /// A text that may be absent; an empty one counts as absent.
    mutating func text(_ name: String) -> String? {
        if let problem = fields.problem(name) { errors[name] = problem }
        guard let text = fields[name], !text.isEmpty else { return nil }
        return text
    }

    /// A text that must be there.
    mutating func required(_ name: String) -> String {
        if let text = text(name) { return text }
        if errors[name] == nil { errors[name] = "missing" }
        return ""
    }

    /// A room id under any of its three spellings (DESIGN.md section 1), preferably the documented one. Opaque.
    mutating func room(_ name: String) -> String {
        for spelling in [name, "group_id", "room_id", "rid"] {
            if let text = text(spelling) { return text }
        }
        return required(name)
    }

    /// A department's id that may be absent.
    mutating func department(_ name: String) -> DepartmentID? {
        guard let text = text(name) else { return nil }
        let id = DepartmentID(text)
        if id == nil { errors[name] = "not a UUID" }
        return id
    }

    /// A whole number from 1 that may be absent.
    mutating func positive(_ name: String, default value: Int) -> Int {
        guard let text = text(name) else { return value }
        let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        // One that does not fit is as good as the largest that does.
        let number = isNumber ? Int(text) ?? .max : 0
        if number < 1 { errors[name] = "not a whole number from 1" }
        return number < 1 ? value : number
    }

    /// Whether a switch is on: `1` or `true`.
    mutating func flag(_ name: String) -> Bool {
        guard let text = text(name) else { return false }
        return text == "1" || text.lowercased() == "true"
    }

    /// All fields but some, name and value in turn, sorted: the same for the same request in any encoding.
    func content(without left: Set<String>) -> [String] {
        fields.names.filter { !left.contains($0) }.flatMap { name in
            switch fields.field(name) {
            case .text(let text): [name, "text", text]
            case .unusable(let reason): [name, "unusable", reason]
            case nil: [name, "absent", ""]
            }
        }
    }

    /// Records that a field is wrong.
    mutating func reject(_ name: String, _ reason: String) { errors[name] = reason }

    /// Stops here if anything was wrong.
    ///
    /// - Throws: `CustomersError.invalid` with all reasons.
    func check() throws {
        guard errors.isEmpty else { throw CustomersError.invalid(errors) }
    }
}
