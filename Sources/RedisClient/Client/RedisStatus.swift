/// A client's condition at one moment, for a status page. Holds no secrets.
public struct RedisStatus: Sendable, Equatable {
    /// Whether commands are being sent; in a cluster, to all masters.
    public var isConnected: Bool
    /// The configured address.
    public var endpoint: String
    /// The servers that commands go to right now, in no order: one, or a cluster's masters.
    public var servers: [String]
    /// Commands whose replies have not come.
    public var pending: Int
    /// Commands that wait for the connection.
    public var waiting: Int
    /// How often a ready connection was lost.
    public var reconnects: Int
    /// Why there is no connection; nil while there is one.
    public var lastError: String?
}
