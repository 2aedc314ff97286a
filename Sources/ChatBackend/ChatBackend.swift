/// What a chat system must offer to carry the customers' conversations, in the gateway's own words (DESIGN.md section
/// 5).
///
/// An adapter keeps no state that another gateway could not have as well, besides caches. All calls may run in parallel
/// and are called on an event loop's thread. A cancelled task ends a read with ``ChatBackendError/cancelled``; calls
/// with effects tell whether they happened by throwing or not, and may be repeated: each is idempotent in its result.
public protocol ChatBackend: Sendable {
    /// Makes the account, or finds the one that has exactly this username.
    ///
    /// - Throws: ``ChatBackendError/alreadyExists`` when the name is taken by an account that is not this customer's:
    ///   one that differs in letter case, or one with more rights than a customer's.
    func createCustomer(_ account: NewCustomerAccount) async throws(ChatBackendError) -> ChatAccount

    /// The account that ``createCustomer(_:)`` would find; nil when there is none, or it is not this customer's. Makes
    /// nothing.
    func findCustomer(_ account: NewCustomerAccount) async throws(ChatBackendError) -> ChatAccount?

    /// Makes a live login token of the chat server for a customer.
    ///
    /// - Parameters:
    ///   - account: whose.
    ///   - password: what ``createCustomer(_:)`` was told; used where the server cannot make tokens for others.
    /// - Returns: the token.
    /// - Throws: ``ChatBackendError``.
    func mintToken(for account: ChatAccount, password: String) async throws(ChatBackendError) -> String

    /// Logs a customer's token out. A token that is already dead is no error.
    func revokeToken(_ token: CustomerCredential) async throws(ChatBackendError)

    /// Who of these agents is there, in one call where the server allows it.
    ///
    /// - Parameters:
    ///   - usernames: the agents.
    ///   - known: accounts' ids by lower-case username, as an earlier answer had them. They spare a server that knows
    ///     agents by id only the questions that would have to come first; one that is wrong may count as offline this
    ///     time.
    /// - Returns: those whom the server knows.
    /// - Throws: ``ChatBackendError``.
    func presence(
        ofAgents usernames: [String], known: [String: String]
    ) async throws(ChatBackendError) -> [AgentPresence]

    /// Whether the server has switched off its list of those who are there, as it turned out when it was last asked:
    /// then each agent costs ``presence(ofAgents:)`` a call.
    var presenceIsSwitchedOff: Bool { get }

    /// Opens the direct room of a customer and an agent, or finds it.
    func openDirectRoom(
        customer: ChatAccount, credential: CustomerCredential, agent: AgentPresence
    ) async throws(ChatBackendError) -> ChatRoom

    /// Opens a private group with these members, or takes the one that has this name already; then the members are not
    /// changed.
    func openGroup(_ group: NewGroup) async throws(ChatBackendError) -> ChatRoom

    /// The id of the group that ``openGroup(_:)`` would take by its name; nil when there is none that the gateway sees.
    /// Makes nothing.
    func findGroup(named name: String) async throws(ChatBackendError) -> String?

    /// The user ids in a group.
    func members(ofGroup rid: String) async throws(ChatBackendError) -> [String]

    /// Adds a user to a group. One who is in it already is no error.
    func addMember(_ userID: String, toGroup rid: String) async throws(ChatBackendError)

    /// Removes a user from a group. One who is not in it is no error.
    func removeMember(_ userID: String, fromGroup rid: String) async throws(ChatBackendError)

    /// Gives a group another name and topic.
    func renameGroup(_ rid: String, name: String, topic: String) async throws(ChatBackendError)

    /// A page of a room's messages, read with the customer's own token where the server lets it.
    func history(_ query: HistoryQuery) async throws(ChatBackendError) -> HistoryPage

    /// Removes uploads, then the room with all messages. A room that is gone is no error.
    func removeRoom(_ rid: String, kind: RoomKind) async throws(ChatBackendError)

    /// Keeps the room with its messages for the record, closed for writing, and frees its name. A second call is no
    /// error.
    func archiveRoom(_ rid: String, kind: RoomKind) async throws(ChatBackendError)

    /// Whether the server answers and takes the gateway's credential.
    func health() async throws(ChatBackendError)
}

extension ChatBackend {
    /// Who of these agents is there, with nothing known of them.
    public func presence(ofAgents usernames: [String]) async throws(ChatBackendError) -> [AgentPresence] {
        try await presence(ofAgents: usernames, known: [:])
    }

    /// Servers whose list cannot be switched off.
    public var presenceIsSwitchedOff: Bool { false }
}
