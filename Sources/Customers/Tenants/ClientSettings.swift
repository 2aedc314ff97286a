/// What a tenant, overlaid by a department, lets its customers' clients know.
public struct ClientSettings: Sendable, Equatable {
    /// The public settings: a JSON object in UTF-8, already merged.
    public var config: [UInt8]
    /// Seconds after which a client without an answer calls again. A hint; it never closes a room.
    public var timeout: Int
    /// The greeting, or "".
    public var template: String

    /// Makes settings; the defaults are the contract's.
    public init(config: [UInt8] = Array("{}".utf8), timeout: Int = 200, template: String = "") {
        self.config = config
        self.timeout = timeout
        self.template = template
    }
}
