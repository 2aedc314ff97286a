@testable import DevChatServer

/// What a JSON value is made of: names and kinds, not values. Equal shapes decode alike.
enum Shape {
    /// Paths and kinds, such as `user.emails[].address string`; of a list only the first element counts.
    static func paths(of value: JSON, at path: String = "") -> Set<String> {
        switch value {
        case .null: ["\(path) null"]
        case .bool: ["\(path) bool"]
        case .int: ["\(path) int"]
        case .double: ["\(path) double"]
        case .string: ["\(path) string"]
        case .array(let list): list.first.map { paths(of: $0, at: path + "[]") } ?? ["\(path)[] empty"]
        case .object(let fields):
            fields.isEmpty
                ? ["\(path) {}"]
                : fields.reduce(into: []) { $0.formUnion(paths(of: $1.value, at: path + "." + $1.key)) }
        }
    }

    /// What the sheet's literal has and the answer has not.
    static func missing(_ answer: JSON?, from literal: String) -> Set<String> {
        guard let answer, let expected = JSON(parsing: literal) else { return ["not JSON"] }
        return paths(of: expected).subtracting(paths(of: answer))
    }

    /// What the answer has and the sheet's literal has not.
    static func surplus(_ answer: JSON?, over literal: String) -> Set<String> {
        guard let answer, let expected = JSON(parsing: literal) else { return ["not JSON"] }
        return paths(of: answer).subtracting(paths(of: expected))
    }
}
