public import ChatBackend
public import HTTPClient
internal import HTTPMessage
public import Logging

/// The customers' conversations on a Rocket.Chat server, versions 6 to 9, over its REST interface (DESIGN.md section
/// 5).
///
/// One for each event loop. It keeps nothing but caches: the service account's token, agents' ids, and for some minutes
/// what the server turned out not to allow. Ids are opaque; what went wrong is decided by status first, then by
/// `errorType` or text, in the spelling of any version. The files beside this one each hold one group of REST calls.
public final class RocketChatBackend: ChatBackend {
    let configuration: RocketChatConfiguration
    let api: RocketChatAPI
    let agents: AgentDirectory
    let memory = ServerMemory()
    let clock: RocketChatClock
    let logger: Logger
    /// What pages of history take up while another part of them is on its way.
    let heldPages: ReplyBudget

    /// Bytes of all such pages together, beyond 32 KiB each.
    private static let heldPagesLimit = 64 * 1_024 * 1_024

    /// Makes an adapter that has not spoken to the server yet.
    public convenience init(
        configuration: RocketChatConfiguration, client: HTTPClient, logger: Logger = Logger(label: "rocketchat")
    ) {
        self.init(configuration: configuration, client: client, logger: logger, clock: .system)
    }

    init(
        configuration: RocketChatConfiguration, client: any HTTPSender, logger: Logger, clock: RocketChatClock,
        heldPages: ReplyBudget = ReplyBudget(limit: RocketChatBackend.heldPagesLimit)
    ) {
        self.configuration = configuration
        self.heldPages = heldPages
        self.logger = logger
        self.clock = clock
        let transport = RocketChatTransport(
            url: configuration.url, deadline: configuration.deadline, client: client, clock: clock, logger: logger)
        api = RocketChatAPI(
            transport: transport, session: ServiceSession(source: configuration.credential, transport: transport))
        agents = AgentDirectory(clock: clock)
    }

    /// Whether the server is asked at all, or left alone because it kept failing; from any thread.
    public var breakerState: CircuitBreakerState { api.transport.breakerState }

    /// `GET me` in the service account's name, within the configured health deadline.
    public func health() async throws(ChatBackendError) {
        var call = RocketChatCall.get("me")
        call.deadline = clock.uptime() &+ configuration.healthDeadline.milliseconds
        let me = try await asked(call)
        guard me["_id"]?.string != nil else { throw .contract("me: no _id") }
    }

    /// Makes a call whose failure the domain is told as it is.
    func asked(_ call: RocketChatCall) async throws(ChatBackendError) -> JSONValue {
        do throws(RocketChatFailure) {
            return try await api.send(call)
        } catch {
            throw error.error
        }
    }
}
