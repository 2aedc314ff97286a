internal import Synchronization

/// A Lua script with a name, made once and used for the life of the process: `static let takeAgent = RedisScript(…)`.
///
/// It is sent to a server in full once (`SCRIPT LOAD`), afterwards by the SHA-1 that the server answered. Thread-safe.
public final class RedisScript: Sendable {
    /// Names the script in logs and errors.
    public let name: String
    /// The Lua text.
    public let source: String
    private let loaded = AtomicLazyReference<Digest>()

    /// Makes a script; nothing is sent yet.
    public init(name: String, source: String) {
        self.name = name
        self.source = source
    }

    /// The 40 hex digits that a server answered; nil until one was asked.
    var sha: String? { loaded.load()?.hex }

    func remember(sha: String) { _ = loaded.storeIfNil(Digest(hex: sha)) }

    private final class Digest: Sendable {
        let hex: String
        init(hex: String) { self.hex = hex }
    }
}
