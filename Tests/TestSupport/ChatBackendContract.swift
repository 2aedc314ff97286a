internal import ChatBackend

/// The rules every adapter keeps, whatever chat server is behind it (DESIGN.md section 5). Each is checked in a world
/// of its own.
public struct ChatBackendContract: Sendable, CustomStringConvertible {
    /// The rule in words.
    public let description: String
    /// Throws a ``ChatBackendContractViolation`` when the rule is broken.
    public let check: @Sendable (any ChatBackendContractWorld) async throws -> Void

    init(_ description: String, _ check: @escaping @Sendable (any ChatBackendContractWorld) async throws -> Void) {
        self.description = description
        self.check = check
    }

    /// All of them.
    public static let rules: [ChatBackendContract] =
        accounts + tokens + agents + directRooms + groups + histories + endings
}

extension ChatBackendContractWorld {
    /// An order for a customer's account; everything follows from the username.
    func order(_ username: String, name: String? = nil, email: String? = nil) -> NewCustomerAccount {
        NewCustomerAccount(
            username: username, name: name ?? "Customer \(username)", email: email ?? "\(username)@customers.invalid",
            password: "pw-\(username)-Aa1!")
    }

    /// A customer with a live token.
    func customer(_ username: String = "cust-1") async throws -> (account: ChatAccount, credential: CustomerCredential)
    {
        let account = try await backend.createCustomer(order(username))
        return (account, try await credential(of: account))
    }

    /// Another live token.
    func credential(of account: ChatAccount) async throws -> CustomerCredential {
        let token = try await backend.mintToken(for: account, password: order(account.username).password)
        return CustomerCredential(userID: account.id, token: token)
    }

    /// The presence values of the agents.
    func agentPresences() async throws -> [AgentPresence] {
        try await backend.presence(ofAgents: agents)
    }

    /// A group of a customer and the first agent.
    func group(_ name: String = "case-1", of customer: ChatAccount) async throws -> ChatRoom {
        try await backend.openGroup(
            NewGroup(name: name, topic: "部门 \(name)", members: [customer.username, agents[0]]))
    }

    /// How a call fails; nil when it does not.
    func failure<Value>(_ call: () async throws -> Value) async -> ChatBackendError? {
        do {
            _ = try await call()
            return nil
        } catch {
            return error as? ChatBackendError
        }
    }

    /// Runs a call several times at once and gives all results.
    func atOnce<Value: Sendable>(
        _ count: Int, _ call: @escaping @Sendable () async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: Value.self) { group in
            for _ in 0..<count { group.addTask { try await call() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
