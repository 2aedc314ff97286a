internal import HTTPClient

extension CircuitBreaker.Verdict {
    /// Any reply shows that the server is there, but for an error of its own, or a web page where JSON should be: that
    /// is the proxy before it, or its maintenance page. A 4xx is for the caller, in whatever form it comes.
    init(_ reply: HTTPClientReply) {
        switch reply.status {
        case 500...: self = .failed("status \(reply.status)")
        case 200..<300 where reply.header("Content-Type")?.lowercased().hasPrefix("text/html") ?? false:
            self = .failed("a web page")
        default: self = .answered
        }
    }

    /// No reply.
    ///
    /// - Parameters:
    ///   - error: why.
    ///   - granted: the milliseconds that the call had: a request that was nearly over says little about the server.
    ///   - usual: those that a call has when nothing hurries it.
    init(_ error: HTTPClientError, granted: Int64, usual: Int64) {
        switch error.code {
        case .connectFailed: self = .failed(error.noConnection)
        case .reset: self = .failed("connection lost")
        case .timedOut: self = granted >= min(usual, 1_000) ? .failed("no answer in time") : .unknown
        case .tooLarge, .malformedReply: self = .answered
        case .overloaded, .invalidRequest, .cancelled: self = .unknown
        }
    }
}
