import ChatBackend
import Customers
import HTTPMessage

extension APIError {
    /// What a client is told of an error from below; nil for one that nobody foresaw.
    init?(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as CustomersError: self.init(error)
        case is StoreError: self = .unavailable("service unavailable", "store_unavailable")
        case let error as ChatBackendError: self.init(error)
        case let error as RequestFieldsError:
            switch error {
            case .unsupportedMediaType: self = .unsupportedMediaType
            case .malformed(let reason): self = .invalid(["body": reason])
            }
        case is CancellationError: self = .unavailable("the request was abandoned", "abandoned")
        default: return nil
        }
    }

    private init(_ error: CustomersError) {
        switch error {
        case .invalid(let errors): self = .invalid(errors)
        case .unauthorized: self = .unauthorized
        case .notFound: self = .notFound
        case .conflict(let reason): self = .conflict(reason)
        case .tooManyRequests(let seconds): self = .tooManyRequests(seconds)
        case .noAgent: self = .unavailable("no agent is free", "no_agent")
        case .overloaded: self = .unavailable("overloaded", Self.overloadedCode)
        case .busy: self = .unavailable("another call for this customer is at work", "busy")
        }
    }

    private init(_ error: ChatBackendError) {
        switch error {
        case .unavailable: self = .unavailable("service unavailable", "chat_server_unavailable")
        case .rateLimited(let seconds):
            self = .unavailable("service unavailable", "chat_server_busy", retryAfter: seconds)
        case .timedOut: self = .chatServerTooSlow
        case .refused, .notFound, .alreadyExists, .contract: self = .chatServerBroken
        case .invalidCursor: self = .invalid(["before": "not a cursor of this API"])
        case .cancelled: self = .unavailable("the request was abandoned", "abandoned")
        }
    }
}
