/// Why an operation of the domain did not happen. `CustomersAPI` alone turns it into a status and a body.
///
/// Operations also let through `ChatBackendError` and ``StoreError`` as they come.
public enum CustomersError: Error, Sendable, Equatable {
    /// Fields that cannot be worked with, each with its reason.
    case invalid([String: String])
    /// The caller is not who they say, or says nothing.
    case unauthorized
    /// Absent, another tenant's or another customer's: all alike.
    case notFound
    /// It cannot be done in the present state; the text says why.
    case conflict(String)
    /// The caller's own limit; seconds until the next try.
    case tooManyRequests(retryAfter: Int)
    /// Every agent is at capacity and the operation cannot wait in the queue.
    case noAgent
    /// Another call for the same customer is still at work.
    case busy
    /// There is more work than can be done in time; nothing was begun.
    case overloaded
}

extension CustomersError: CustomStringConvertible {
    /// A sentence for logs and admins.
    public var description: String {
        switch self {
        case .invalid(let reasons): reasons.sorted { $0.key < $1.key }.map { "\($0): \($1)" }.joined(separator: "; ")
        case .unauthorized: "the caller does not prove who they are"
        case .notFound: "there is no such room, or not for the caller"
        case .conflict(let reason): reason
        case .tooManyRequests(let seconds): "the caller's limit is used up for \(seconds) s"
        case .noAgent: "no agent is free"
        case .busy: "another call for this customer is at work"
        case .overloaded: "overloaded"
        }
    }
}

/// Why the state could not be read or written.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the client of the store said; no secrets.
    public var message: String

    /// Makes an error.
    public init(_ message: String) { self.message = message }

    /// What the client of the store said.
    public var description: String { message }
}
