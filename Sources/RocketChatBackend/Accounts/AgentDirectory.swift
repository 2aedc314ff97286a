internal import Synchronization

/// Agents' ids by username, so that presence is one call. Who does not exist is remembered too, for a shorter time.
final class AgentDirectory: Sendable {
    struct Entry: Sendable {
        /// nil: there is nobody of that name.
        var id: String?
        /// In the server's spelling.
        var username: String
        var until: Int64
    }

    private let clock: RocketChatClock
    private let entries = Mutex<[String: Entry]>([:])
    /// Lower-case usernames that are being looked up beside the calls that need them.
    private let underWay = Mutex<Set<String>>([])

    /// Milliseconds.
    private static let lifetime: Int64 = 600_000
    private static let lifetimeOfAbsence: Int64 = 30_000
    private static let limit = 10_000

    init(clock: RocketChatClock) {
        self.clock = clock
    }

    /// What is known, and not too old.
    func entry(for username: String) -> Entry? {
        let now = clock.uptime()
        return entries.withLock { $0[username.lowercased()].flatMap { now < $0.until ? $0 : nil } }
    }

    /// What was known last, however long ago.
    func lastEntry(for username: String) -> Entry? { entries.withLock { $0[username.lowercased()] } }

    /// Those of these whom nobody is looking up; they are the caller's to look up, until ``endLookUp(_:)``.
    func beginLookUp(_ usernames: [String]) -> [String] {
        underWay.withLock { underWay in usernames.filter { underWay.insert($0.lowercased()).inserted } }
    }

    func endLookUp(_ usernames: [String]) {
        underWay.withLock { $0.subtract(usernames.map { $0.lowercased() }) }
    }

    func note(_ username: String, id: String?, serverUsername: String? = nil) {
        let until = clock.uptime() + (id == nil ? Self.lifetimeOfAbsence : Self.lifetime)
        let entry = Entry(id: id, username: serverUsername ?? username, until: until)
        entries.withLock { entries in
            if entries.count >= Self.limit { entries.removeAll() }
            entries[username.lowercased()] = entry
        }
    }

    func forget(_ username: String) {
        entries.withLock { $0[username.lowercased()] = nil }
    }
}
