/// Everything the stand-in server knows, as one value: users, tokens, rooms, limits, faults, journal, websockets.
///
/// Its rules live in extensions beside their feature (`ChatWorld+Groups.swift` and so on). None of them waits and
/// none reads a clock: `ChatServer` sets `now` and holds the lock.
struct ChatWorld: Sendable {
    let options: ServerOptions
    let permissions: PermissionTable
    var ids: IdentifierSource
    /// The moment of the call at work.
    var now: Timestamp

    var users: [String: StoredUser] = [:]
    /// User ids by lower case username.
    var userIDsByName: [String: String] = [:]
    /// User ids by lower case address.
    var userIDsByEmail: [String: String] = [:]
    var tokens: [String: StoredToken] = [:]

    var rooms: [String: StoredRoom] = [:]
    /// Ids of channels and groups by name.
    var roomIDsByName: [String: String] = [:]
    /// Ids of direct rooms by `StoredRoom.directKey`.
    var directRoomIDs: [String: String] = [:]
    /// The rooms of each user.
    var roomIDsByUser: [String: Set<String>] = [:]
    /// The room of each message.
    var roomIDsByMessage: [String: String] = [:]
    var uploads: [String: StoredUpload] = [:]

    var limiter: RateLimiter
    var faults: FaultBook
    var journal: Journal
    var calls = CallCounter()
    var sockets = SocketBook()
    /// Frames to send once the call is over.
    var outbox: [(socket: Int, frame: String)] = []

    init(options: ServerOptions, now: Timestamp) {
        self.options = options
        self.now = now
        permissions = PermissionTable(grants: options.grants, ofUsers: options.customerPermissions)
        ids = IdentifierSource(band: options.band)
        limiter = RateLimiter(limit: options.rateLimit, interval: options.rateInterval)
        faults = FaultBook(options.faults)
        journal = Journal(limit: options.journalLimit)
        plantFixtures()
        for user in options.users { _ = seed(user) }
    }

    var band: VersionBand {
        options.band
    }

    /// Notes that something happened.
    mutating func record(_ kind: String, _ fields: [String: JSON]) {
        journal.record(kind, at: now, fields)
    }

    /// The address the limiter counts: the peer's, or what trusted proxies say of it.
    func clientAddress(of request: ChatRequest) -> String {
        guard options.forwardedCount > 0, let header = request.headers["x-forwarded-for"] else {
            return request.clientAddress
        }
        let hops = header.split(separator: ",").map { $0.filter { $0 != " " } }
        let index = hops.count - options.forwardedCount
        return hops.indices.contains(index) ? hops[index] : request.clientAddress
    }

    /// Whether the user, with the roles held in that room too, has the permission.
    func allows(_ permission: String, to userID: String, in roomID: String? = nil) -> Bool {
        guard let user = users[userID] else { return false }
        if permissions.allows(permission, to: user.roles) { return true }
        guard let roomID, let member = rooms[roomID]?.members[userID] else { return false }
        return permissions.allows(permission, to: member.roles)
    }

    /// Whether the user may read the room: channels are open, the rest is for members, admins included; as
    /// Rocket.Chat's `canAccessRoom`.
    func canAccess(_ room: StoredRoom, _ userID: String) -> Bool {
        if room.kind == .channel, allows("view-c-room", to: userID) { return true }
        guard room.members[userID] != nil else { return false }
        return allows("view-joined-room", to: userID) || allows("view-\(room.kind.rawValue)-room", to: userID)
    }

    /// Takes the other value's people, rooms and journal, and keeps what was counted and connected: what is undone has
    /// never happened.
    mutating func restoreContent(of earlier: ChatWorld) {
        var restored = earlier
        restored.limiter = limiter
        restored.faults = faults
        restored.calls = calls
        restored.sockets = sockets
        restored.ids = ids
        restored.now = now
        self = restored
    }
}
