/// The line that `systemctl status` shows.
struct ServiceStatus {
    var tenants = 0
    var requestsPerSecond = 0
    var inFlight = 0
    /// Why Redis is away; nil while it answers.
    var storeFailure: String?
    /// Whether the files have errors, so that an older configuration is in force.
    var isConfigurationOld = false
    /// The keys that have changed and that only a restart takes.
    var waiting: [String] = []

    /// The worst first, for an admin who reads no further.
    var text: String {
        var parts: [String] = []
        if let storeFailure { parts.append("Redis is away (\(storeFailure)), requests get 503") }
        if isConfigurationOld { parts.append("the configuration has errors, the old one is in force") }
        if !waiting.isEmpty { parts.append("a restart is needed for \(waiting.joined(separator: ", "))") }
        parts.append("serving \(tenants) \(tenants == 1 ? "tenant" : "tenants")")
        if requestsPerSecond > 0 { parts.append("\(requestsPerSecond) requests/s") }
        if inFlight > 0 { parts.append("\(inFlight) in flight") }
        return parts.joined(separator: "; ")
    }
}
