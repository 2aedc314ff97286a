extension RedisReply {
    /// The number, or ``RedisError/Code/protocolViolation`` for any other type.
    public func expectInteger() throws(RedisError) -> Int64 {
        if case .integer(let value) = self { return value }
        throw mismatch("an integer")
    }

    private func mismatch(_ wanted: String) -> RedisError {
        if case .error(let error) = self { return RedisError(error) }
        return RedisError(.protocolViolation, "expected \(wanted), got \(typeName)", mayHaveRun: true)
    }
}
