internal import Glibc

/// Tells systemd how the service is (sd_notify(3)); does nothing when nobody listens.
struct ServiceManager: Sendable {
    private let address: String?
    /// How often ``alive()`` must come (`WATCHDOG_USEC`); nil when nobody waits for it.
    let watchdogInterval: Duration?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    init(environment: [String: String]) {
        address = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isMeant = environment["WATCHDOG_PID"].map { pid_t($0) == getpid() } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogInterval = address != nil && isMeant && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Whether anybody listens.
    var isListening: Bool { address != nil }

    /// The service answers requests.
    func ready(_ status: String) { send("READY=1\nSTATUS=\(status)\n") }

    /// A reload begins, or has ended with ``ready(_:)``.
    func reloading() { send("RELOADING=1\n") }

    /// The service takes no new requests and finishes those in flight.
    func stopping(_ status: String) { send("STOPPING=1\nSTATUS=\(status)\n") }

    /// What `systemctl status` shows.
    func status(_ text: String) { send("STATUS=\(text)\n") }

    /// The service is not stuck; due every ``watchdogInterval``.
    func alive() { send("WATCHDOG=1\n") }

    /// Has a descriptor kept until the next start of the service, which inherits it.
    ///
    /// It is kept even when its peer closes (`FDPOLL=0`), but not when the service is stopped for good.
    ///
    /// - Returns: whether the manager got it.
    func store(_ descriptor: Int32, name: String) -> Bool {
        send("FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0\n", with: [descriptor])
    }

    /// Has all stored descriptors of a name closed.
    func forgetStored(name: String) { send("FDSTOREREMOVE=1\nFDNAME=\(name)\n") }

    @discardableResult
    private func send(_ message: String, with descriptors: [Int32] = []) -> Bool {
        guard let address else { return false }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var path = Array(address.utf8)
        // "@name" is an abstract socket: a NUL in place of the @.
        if path.first == UInt8(ascii: "@") { path[0] = 0 }
        guard path.count < MemoryLayout.size(ofValue: name.sun_path) else { return false }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
        let length = MemoryLayout<sa_family_t>.size + path.count
        let type = Int32(truncatingIfNeeded: SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafeMutableBytes(of: &name) { name in
            DescriptorMessage.send(
                Array(message.utf8), with: descriptors, over: descriptor,
                to: UnsafeMutableRawBufferPointer(rebasing: name[..<length]))
        }
    }
}
