extension RedisReply {
    /// The number, or ``RedisError/Code/protocolViolation`` for any other type.
    public func expectInteger() throws(RedisError) -> Int64 {
        if case .integer(let value) = self { return value }
        throw mismatch("an integer")
    }

    /// The bytes, nil for ``null``, or ``RedisError/Code/protocolViolation`` for any other type.
    public func expectBytes() throws(RedisError) -> [UInt8]? {
        if case .null = self { return nil }
        guard let bytes else { throw mismatch("a string or null") }
        return bytes
    }

    /// The text, nil for ``null``, or ``RedisError/Code/protocolViolation`` for any other type and for invalid UTF-8.
    public func expectText() throws(RedisError) -> String? {
        if case .null = self { return nil }
        guard let text else { throw mismatch("a text or null") }
        return text
    }

    /// The elements, or ``RedisError/Code/protocolViolation`` for any other type.
    public func expectArray() throws(RedisError) -> [RedisReply] {
        if case .array(let elements) = self { return elements }
        throw mismatch("an array")
    }

    /// Names and values by name (empty when the key is absent), or ``RedisError/Code/protocolViolation``.
    public func expectFields() throws(RedisError) -> [String: [UInt8]] {
        guard let fields else { throw mismatch("an array of names and values") }
        return fields
    }

    private func mismatch(_ wanted: String) -> RedisError {
        if case .error(let error) = self { return RedisError(error) }
        return RedisError(.protocolViolation, "expected \(wanted), got \(typeName)", mayHaveRun: true)
    }
}
