/// Which messages of a room to read.
public struct HistoryQuery: Sendable {
    /// The room.
    public var rid: String
    /// Direct rooms and groups are read by different routes.
    public var kind: RoomKind
    /// In whose name to read.
    public var credential: CustomerCredential?
    /// Messages a page, 1–100.
    public var count: Int
    /// Where the page starts.
    public var position: Position
    /// Whether notices like "joined" and "left" are wanted.
    public var includesSystemMessages: Bool

    /// A place in the room's messages, which are totally ordered by time, then id.
    public enum Position: Sendable, Equatable {
        /// The newest messages.
        case latest
        /// The messages just older than this cursor.
        case before(String)
        /// The messages just newer than this cursor.
        case after(String)
    }

    /// Makes a query; by default for the 20 newest messages of people.
    public init(
        rid: String, kind: RoomKind, credential: CustomerCredential?, count: Int = 20, position: Position = .latest,
        includesSystemMessages: Bool = false
    ) {
        self.rid = rid
        self.kind = kind
        self.credential = credential
        self.count = count
        self.position = position
        self.includesSystemMessages = includesSystemMessages
    }
}

/// A page of messages, newest first.
public struct HistoryPage: Sendable {
    /// Each message as a JSON object in UTF-8 with the server's own keys (`_id, rid, msg, ts, u, …`), keys sorted.
    public var messages: [[UInt8]]
    /// Whether there are more in the direction of paging. Every page but the last is full.
    public var hasMore: Bool
    /// The cursor for the next page in the same direction: goes back as `before` (or `after`); nil when the page is
    /// empty.
    public var next: String?
    /// The time of the newest message of the page, in Unix milliseconds; nil when the page is empty.
    public var newest: Int64?

    /// Makes a page.
    public init(messages: [[UInt8]], hasMore: Bool, next: String?, newest: Int64? = nil) {
        self.messages = messages
        self.hasMore = hasMore
        self.next = next
        self.newest = newest
    }
}
