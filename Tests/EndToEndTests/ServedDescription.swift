import Foundation
import TestSupport
import Yams

/// An OpenAPI 3.0 document, as far as it takes to hold answers against it.
struct ServedDescription {
    private let root: HTTPTestJSON

    init(yaml: String) throws {
        root = try Self.json(try Yams.compose(yaml: yaml))
    }

    /// What of an answer is not as the document says: status, type, body. Empty when all of it is.
    func problems(of reply: HTTPTestReply, to method: String, _ path: String) -> [String] {
        let operation = root["paths"][path][method.lowercased()]
        guard operation.isObject else { return ["no such call"] }
        let answer = resolved(operation["responses"]["\(reply.status)"])
        guard answer.isObject else { return ["status \(reply.status) is not documented"] }
        var problems: [String] = []
        for name in answer["headers"].keys where resolved(answer["headers"][name])["required"] == true {
            if reply.header(name) == nil { problems.append("no \(name)") }
        }
        guard let type = reply.header("content-type"), answer["content"].keys.contains(type) else {
            return problems + ["type \(reply.header("content-type") ?? "missing")"]
        }
        guard let body = try? reply.json else { return problems + ["not JSON"] }
        check(body, answer["content"][type]["schema"], "body", &problems)
        return problems
    }

    private func resolved(_ value: HTTPTestJSON) -> HTTPTestJSON {
        guard let reference = value["$ref"].string else { return value }
        return reference.split(separator: "/").dropFirst().reduce(root) { $0[String($1)] }
    }

    private func check(_ value: HTTPTestJSON, _ schema: HTTPTestJSON, _ path: String, _ problems: inout [String]) {
        let schema = resolved(schema)
        if value == .null, schema["nullable"] == true { return }
        guard Self.isOfType(value, schema["type"].string ?? "") else {
            return problems.append("\(path) is not of type \(schema["type"])")
        }
        let choices = schema["enum"].array
        if !choices.isEmpty, !choices.contains(value) { problems.append("\(path) is none of \(choices)") }
        if let text = value.string { checkText(text, schema, path, &problems) }
        if case .number(let number) = value, case .number(let least) = schema["minimum"], number < least {
            problems.append("\(path) is less than \(least)")
        }
        for key in schema["required"].array.compactMap(\.string) where !value.keys.contains(key) {
            problems.append("\(path) has no \(key)")
        }
        for key in value.keys {
            let member = schema["properties"][key]
            let other = schema["additionalProperties"]
            if member.isObject {
                check(value[key], member, "\(path).\(key)", &problems)
            } else if other.isObject {
                check(value[key], other, "\(path).\(key)", &problems)
            }
        }
        for (index, element) in value.array.enumerated() where schema["items"].isObject {
            check(element, schema["items"], "\(path)[\(index)]", &problems)
        }
        if let most = schema["maxItems"].int, value.array.count > most {
            problems.append("\(path) has too many elements")
        }
    }

    private func checkText(_ text: String, _ schema: HTTPTestJSON, _ path: String, _ problems: inout [String]) {
        if let least = schema["minLength"].int, text.unicodeScalars.count < least {
            problems.append("\(path) is too short")
        }
        if let pattern = schema["pattern"].string, text.range(of: pattern, options: .regularExpression) == nil {
            problems.append("\(path) does not match \(pattern)")
        }
        if schema["format"] == "uuid", UUID(uuidString: text) == nil { problems.append("\(path) is no UUID") }
    }

    private static func isOfType(_ value: HTTPTestJSON, _ type: String) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("number", .number),
            ("", _):
            true
        case ("integer", .number): value.int != nil
        default: false
        }
    }

    private static func json(_ node: Node?) throws -> HTTPTestJSON {
        switch node {
        case .mapping(let mapping):
            .object(
                Dictionary(
                    try mapping.map { ($0.string ?? "", try json($1)) }, uniquingKeysWith: { first, _ in first }))
        case .sequence(let sequence): .array(try sequence.map { try json($0) })
        case .scalar(let scalar):
            if scalar.style != .plain {
                .string(scalar.string)
            } else if let flag = node?.bool {
                .bool(flag)
            } else if let number = node?.float {
                .number(number)
            } else {
                .string(scalar.string)
            }
        default: throw HTTPTestError.malformed("the document is empty")
        }
    }
}
