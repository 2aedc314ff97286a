/// The bounds that a request must keep to pass the gate (DESIGN.md section 4). All lengths are bytes.
public struct GateLimits: Sendable, Equatable {
    /// Parameters of a request.
    public var parameterCount: Int
    /// A parameter's name.
    public var nameLength: Int
    /// A parameter's value.
    public var valueLength: Int
    /// All parameters together, with the bytes that give their lengths.
    public var parametersLength: Int
    /// The body. A longer one is ``GateVerdict/tooLarge(_:)``.
    public var bodyLength: Int
    /// The whole request with headers and padding: the size of the buffer that the socket is peeked into.
    public var requestLength: Int

    /// Makes limits; the defaults are those of DESIGN.md section 4.
    public init(
        parameterCount: Int = 256, nameLength: Int = 256, valueLength: Int = 32_768, parametersLength: Int = 65_536,
        bodyLength: Int = 65_536, requestLength: Int = 262_144
    ) {
        self.parameterCount = parameterCount
        self.nameLength = nameLength
        self.valueLength = valueLength
        self.parametersLength = parametersLength
        self.bodyLength = bodyLength
        self.requestLength = requestLength
    }
}
