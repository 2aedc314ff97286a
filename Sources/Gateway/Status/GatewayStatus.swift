/// The condition of a running gateway at one moment, as `customersctl status --json` prints it. No secrets, no
/// customers.
struct GatewayStatus: Codable, Sendable, Equatable {
    /// One of the loops: its connection to Redis, and what it remembers.
    struct Loop: Codable, Sendable, Equatable {
        var name: String
        var redisIsConnected: Bool
        var redis: String
        /// Commands whose replies have not come.
        var pendingCommands: Int
        var waitingCommands: Int
        var reconnects: Int
        var redisError: String?
        /// Whether this loop asks the chat server: `closed`, `open` or `half-open`.
        var breaker: String
        /// Whether verified access tokens are remembered for some seconds.
        var nearCacheIsOn: Bool
    }

    /// What came in over FastCGI.
    struct Traffic: Codable, Sendable, Equatable {
        var connections = 0
        var requestsInFlight = 0
        var acceptedConnections = 0
        var requests = 0
        /// Answered 503 because too many were in flight.
        var overloaded = 0
        /// Connections closed at once because descriptors had run out.
        var shedConnections = 0
        /// Answers that could not be sent as they were.
        var badResponses = 0
        /// By reason.
        var refused: [String: Int] = [:]
        /// Requests in each interval of ``RequestHistory``, the newest last.
        var history: [Int] = []
    }

    /// Whether the chat server takes the gateway's credential.
    enum Credential: String, Codable, Sendable { case accepted, refused, unknown }

    /// The chat server when it was last asked.
    struct Chat: Codable, Sendable, Equatable {
        var isHealthy: Bool
        var credential: Credential
        var milliseconds: Double
        var checkedSecondsAgo: Int
        var error: String?
    }

    /// A department's queue. The tenant's own queue, for customers who named no department, has the zero UUID.
    struct Queue: Codable, Sendable, Equatable {
        var department: String
        var name: String
        var length: Int
        /// How long the next one has waited; nil when nobody waits.
        var longestSeconds: Int?
    }

    /// An agent.
    struct Agent: Codable, Sendable, Equatable {
        var username: String
        /// `online`, `away`, `busy`, `offline`; `absent` when the chat server has no such account; `unknown`.
        var status: String
        var rooms: Int
        var capacity: Int
        /// Takes no new rooms (`customersctl agent pause`).
        var isPaused = false

        /// The status for people.
        var shownStatus: String { isPaused ? "\(status), paused" : status }
    }

    /// A tenant with what Redis knows of it.
    struct Tenant: Codable, Sendable, Equatable {
        var id: String
        var name: String
        var queues: [Queue] = []
        var agents: [Agent] = []
        /// Where the agents' status comes from: `chat_server`, `one_by_one` (it has switched its list off), `last_seen`
        /// (it does not say; who was there when it last did), or `unknown`.
        var presence = Self.unknownPresence
        /// Why it does not say.
        var presenceTrouble: String?
        /// Why there is nothing else.
        var error: String?

        static let unknownPresence = "unknown"

        /// What an admin should know of ``presence``; nil when the chat server says as it should.
        var presenceNote: String? {
            switch presence {
            case "one_by_one":
                "the chat server has switched its list of the present off (Presence_broadcast_disabled); agents are asked for "
                    + "one by one"
            case "last_seen":
                "the chat server does not say who is online (\(presenceTrouble ?? "")); whoever was online less than "
                    + "10 minutes ago counts as online"
            default: nil
            }
        }
    }

    /// Whether everything that the gateway needs is there.
    var isWell: Bool { chat.isHealthy && isRedisWell }
    /// Whether Redis is there for all loops, and keeps what it is told.
    var isRedisWell: Bool { redisRefusal == nil && loops.allSatisfy(\.redisIsConnected) }

    var version: String
    var pid: Int
    var uptimeSeconds: Int
    var isDraining: Bool
    var loops: [Loop]
    var traffic: Traffic
    /// Why Redis refuses to keep anything, so that requests get 503; nil while it does not.
    var redisRefusal: String?
    var chatURL: String
    var chat: Chat
    var tenants: [Tenant]
    /// The last warnings and errors, oldest first.
    var warnings: [String]
}
