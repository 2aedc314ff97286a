public import ChatBackend

/// A chat server and the adapter under test before it, as ``ChatBackendContract`` needs them. Fresh for each rule.
public protocol ChatBackendContractWorld: Sendable {
    /// The adapter.
    var backend: any ChatBackend { get }
    /// The gateway's own username on the server.
    var serviceUsername: String { get }
    /// The usernames of three agents: one is online, one busy, one offline.
    var agents: [String] { get }
    /// Writes a message in a member's name.
    func write(_ text: String, in rid: String, as author: CustomerCredential) async throws
    /// While stopped, all messages written have the same time.
    func stopClock(_ isStopped: Bool) async
}
