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

/// Why the state could not be read or written.
public struct StoreError: Error, Sendable, Equatable {
    /// What the client of the store said; no secrets.
    public var message: String

    /// Makes an error.
    public init(_ message: String) { self.message = message }
}
