import ChatBackend
import Logging

/// Gives a customer another account when the one that is noted is gone from the chat server, as after an admin has
/// deleted it there.
///
/// As long as calls succeed nobody asks whether it is there. A call that fails as those do whose account is gone finds
/// out.
struct RestoreAccount {
    let services: Services

    /// Runs `work`, and once more if it failed because the customer's account was gone. The customer's lock is held.
    func callAsFunction<Value>(of customer: CustomerHash, _ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as ChatBackendError where Self.maySayThatItIsGone(error) {
            guard let known = try await services.customers.find(customer, slot: nil, rid: nil)?.record,
                try await another(for: known) != nil
            else { throw error }
        }
        return try await work()
    }

    /// The customer's record with another account, stored, if the one in it is gone; nil while it is there.
    func another(for record: CustomerRecord) async throws -> CustomerRecord? {
        var opening: Opening?
        let found = try await CustomerSignIn(services: services).record(for: record.key, known: nil, &opening)
        guard found.accountID != record.accountID else { return nil }
        try await services.customers.save(found, replacing: record.tokenDigest)
        services.logger.notice(
            "a customer's account was gone from the chat server; they have another one",
            metadata: ["tenant": "\(record.key.tenant)", "username": "\(found.username)"])
        return found
    }

    /// Whether a call may have failed so because an account that it names is gone: a sign-in is refused, a member
    /// unknown.
    static func maySayThatItIsGone(_ error: ChatBackendError) -> Bool {
        switch error {
        case .refused, .notFound: true
        default: false
        }
    }
}
