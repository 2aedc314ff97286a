internal import FastCGI
internal import Glibc
internal import Logging

/// Takes nginx's kept connections over a restart: the old process has the service manager keep them, the new one goes
/// on.
///
/// Closing one is never safe: nginx may be sending a request on it at that moment, and a POST is not sent twice.
struct ConnectionHandover {
    let serviceManager: ServiceManager
    let logger: Logger

    private static let name = "connections"

    /// Unpacks what the former process left, so that it is nobody else's any more.
    func receive(_ stored: [Int32]) -> [Int32] {
        guard !stored.isEmpty else { return [] }
        let connections = stored.flatMap(DescriptorParcel.unpack)
        serviceManager.forgetStored(name: Self.name)
        logger.info("connections taken over", metadata: ["count": "\(connections.count)"])
        return connections
    }

    /// Leaves connections to the next process; those that cannot be kept are closed.
    func leave(_ connections: [Int32]) {
        guard !connections.isEmpty else { return }
        guard let (parcel, left) = DescriptorParcel.pack(connections) else {
            return logger.error("connections cannot be kept", metadata: ["count": "\(connections.count)"])
        }
        defer { close(parcel) }
        let isKept = serviceManager.store(parcel, name: Self.name)
        let lost = isKept ? left : connections.count
        if lost > 0 { logger.error("connections cannot be kept", metadata: ["count": "\(lost)"]) }
        logger.info("connections left to the next process", metadata: ["count": "\(connections.count - lost)"])
    }
}
