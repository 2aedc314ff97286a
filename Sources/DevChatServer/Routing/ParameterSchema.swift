/// The parameters a route takes, checked as AJV does with type coercion (contract sheet, section 1.3).
struct ParameterSchema: Sendable {
    /// What a parameter's value must be.
    enum Kind: String, Sendable {
        case string
        case boolean
        case number
        case object
        /// A list of texts; a single text is one of them.
        case strings = "array"
        /// A text or a list of texts, left as it is.
        case textOrTexts
        case any
    }

    /// One parameter.
    struct Parameter: Sendable {
        var name: String
        var kind: Kind
        var required: Bool

        static func required(_ name: String, _ kind: Kind = .string) -> Parameter {
            Parameter(name: name, kind: kind, required: true)
        }

        static func optional(_ name: String, _ kind: Kind = .string) -> Parameter {
            Parameter(name: name, kind: kind, required: false)
        }
    }

    var parameters: [Parameter]
    /// Of these, exactly one must be there; AJV's `oneOf`.
    var exactlyOneOf: [String] = []
    /// Whether unknown names are refused.
    var strict = true

    init(_ parameters: [Parameter], exactlyOneOf: [String] = [], strict: Bool = true) {
        self.parameters = parameters
        self.exactlyOneOf = exactlyOneOf
        self.strict = strict
    }

    /// The values in their kinds, or AJV's message.
    func check(_ values: [String: JSON]) -> Result<[String: JSON], SchemaError> {
        var checked = values
        for parameter in parameters {
            guard let value = values[parameter.name] else {
                guard parameter.required else { continue }
                return .failure(SchemaError("must have required property '\(parameter.name)'"))
            }
            guard let coerced = Self.coerce(value, to: parameter.kind) else {
                return .failure(SchemaError("must be \(parameter.kind.rawValue)"))
            }
            checked[parameter.name] = coerced
        }
        if strict, !Set(parameters.map(\.name)).isSuperset(of: values.keys) {
            return .failure(SchemaError(oneOf("must NOT have additional properties")))
        }
        if !exactlyOneOf.isEmpty {
            let present = exactlyOneOf.filter { values[$0] != nil }
            if present.isEmpty {
                let missing = exactlyOneOf.map { "must have required property '\($0)'" }
                return .failure(SchemaError(oneOf(missing.joined(separator: "\n "))))
            }
            if present.count > 1 { return .failure(SchemaError(oneOf("must NOT have additional properties"))) }
        }
        return .success(checked)
    }

    private func oneOf(_ message: String) -> String {
        exactlyOneOf.isEmpty ? message : message + "\n must match exactly one schema in oneOf"
    }

    private static func coerce(_ value: JSON, to kind: Kind) -> JSON? {
        switch (kind, value) {
        case (.any, _), (.string, .string), (.boolean, .bool), (.number, .int), (.number, .double), (.object, .object),
            (.textOrTexts, .string):
            return value
        case (.string, .int(let number)): return .string(String(number))
        case (.string, .double(let number)): return .string(String(number))
        case (.string, .bool(let flag)): return .string(String(flag))
        case (.string, .null): return ""
        case (.boolean, .string("true")), (.boolean, .int(1)): return true
        case (.boolean, .string("false")), (.boolean, .int(0)), (.boolean, .null): return false
        case (.number, .string(let text)): return Int(text).map(JSON.int) ?? Double(text).map(JSON.double)
        case (.number, .bool(let flag)): return .int(flag ? 1 : 0)
        case (.strings, .string): return .array([value])
        case (.strings, .array(let list)), (.textOrTexts, .array(let list)):
            return list.allSatisfy { $0.text != nil } ? value : nil
        default: return nil
        }
    }
}

/// AJV's message about the first parameter that does not fit.
struct SchemaError: Error, Equatable {
    var message: String

    init(_ message: String) {
        self.message = message
    }
}
