/// The first word of a Redis error reply: what kind of refusal it is.
public enum RedisErrorPrefix: String, Sendable, Hashable, CaseIterable {
    /// Anything without a kind of its own.
    case err = "ERR"
    /// A write was sent to a replica: the master has moved. The connection is dropped.
    case readOnly = "READONLY"
    /// The server is still reading its data. The connection is dropped.
    case loading = "LOADING"
    /// A replica that has lost its master. The connection is dropped.
    case masterDown = "MASTERDOWN"
    /// The server's memory limit is reached.
    case outOfMemory = "OOM"
    /// The server wants a password. The connection is dropped.
    case noAuth = "NOAUTH"
    /// The server refuses user name or password.
    case wrongPassword = "WRONGPASS"
    /// The user may not do that (ACL).
    case noPermission = "NOPERM"
    /// A script runs for too long.
    case busy = "BUSY"
    /// The script of an `EVALSHA` is not loaded.
    case noScript = "NOSCRIPT"
    /// The key is of another type.
    case wrongType = "WRONGTYPE"
    /// The key's slot is served elsewhere (Cluster).
    case moved = "MOVED"
    /// The key's slot is moving (Cluster).
    case ask = "ASK"
    /// The cluster does not serve.
    case clusterDown = "CLUSTERDOWN"
    /// The keys of a command are being moved (Cluster).
    case tryAgain = "TRYAGAIN"
    /// The keys of a command are in different slots (Cluster).
    case crossSlot = "CROSSSLOT"
    /// The server cannot write its snapshot and refuses writes.
    case misconfigured = "MISCONF"
    /// Too few replicas for a write.
    case noReplicas = "NOREPLICAS"
    /// A word that is not in this list.
    case other = ""

    /// Whether the connection leads to a server that is of no use now: another connect may reach a better one.
    var endsConnection: Bool {
        switch self {
        case .readOnly, .loading, .masterDown, .noAuth: true
        default: false
        }
    }
}
