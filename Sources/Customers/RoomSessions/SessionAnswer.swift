public import ChatBackend

/// What a caller gets who opened, resumed or transferred a room.
public struct SessionAnswer: Sendable {
    /// The customer's account.
    public var account: ChatAccount
    /// Our UUID for the customer.
    public var userID: String
    /// The customer's live chat token.
    public var token: String
    /// The room.
    public var session: RoomSession
    /// The place in the queue, 1 = next; 0 when an agent is assigned.
    public var wait: Int
    /// How long that will take, in seconds, going by how fast the department served its queue lately; nil when nothing
    /// is known, 0 when an agent is assigned.
    public var waitSeconds: Int?
    /// What the client is told besides.
    public var settings: ClientSettings
    /// Whether the room was there before.
    public var isResumed: Bool

    /// The agent's backend id; "" while waiting, although after a transfer the former agent is still there.
    public var agentID: String { session.state == .waiting ? "" : session.agent }

    init(
        _ signedIn: SignedIn, _ stored: StoredSession, settings: ClientSettings, isResumed: Bool,
        account: ChatAccount? = nil
    ) {
        self.account = account ?? signedIn.record.account
        self.account.name = signedIn.record.key.name.text
        userID = signedIn.record.key.userID
        token = signedIn.token
        session = stored.session
        // Between leaving the queue and being assigned a room has no place; it is next.
        let place = stored.session.state == .waiting ? max(1, stored.place) : 0
        wait = place
        waitSeconds = place == 0 ? 0 : stored.pace.map { Int((Double($0) * Double(place) / 1_000).rounded(.up)) }
        self.settings = settings
        self.isResumed = isResumed
    }
}
