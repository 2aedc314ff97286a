/// What an adapter did that ``ChatBackendContract`` does not allow.
public struct ChatBackendContractViolation: Error, CustomStringConvertible {
    /// What was expected and what came.
    public let description: String
}

/// Throws unless both are equal.
func require<Value: Equatable>(_ value: Value, equals expected: Value, _ what: String) throws {
    guard value == expected else {
        throw ChatBackendContractViolation(description: "\(what): expected \(expected), got \(value)")
    }
}

/// Throws unless it holds.
func require(_ holds: Bool, _ what: String) throws {
    guard holds else { throw ChatBackendContractViolation(description: what) }
}
