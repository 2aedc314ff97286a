extension JSONValue {
    /// Reads one JSON text, strictly as RFC 8259 has it: UTF-8 (no overlong forms, no surrogates, no byte order mark),
    /// no lone surrogate escapes, nothing after the value, and numbers as they are written: `int` for a whole number
    /// that fits 64 bits, else the nearest finite `double`. Of a key written twice the last value counts.
    ///
    /// - Parameters:
    ///   - bytes: the text; an array is read in place.
    ///   - maximumDepth: objects and arrays inside each other, 32 unless told; never more than 512.
    ///   - keepsNumbers: whether numbers that are not whole, or that a `double` may round, become strings, just as they
    ///     are written.
    /// - Throws: ``JSONError`` at the first byte that is wrong.
    public init(parsing bytes: some Collection<UInt8>, maximumDepth: Int = 32, keepsNumbers: Bool = false)
        throws(JSONError)
    {
        var parser = JSONParser(Array(bytes), maximumDepth: min(maximumDepth, 512), keepsNumbers: keepsNumbers)
        self = try parser.parseText()
    }
}
