internal import CCurl

extension HTTPClientError.Code {
    /// Sorts libcurl's codes.
    ///
    /// - Parameters:
    ///   - code: what the transfer ended with.
    ///   - wasStarted: whether the request went out; before that, every failure is one to connect.
    ///   - isOverdue: whether the whole deadline has passed, which libcurl tells apart from the connect timeout by its
    ///     text only.
    init(_ code: CURLcode, wasStarted: Bool, isOverdue: Bool) {
        switch code {
        case CURLE_OPERATION_TIMEDOUT: self = wasStarted || isOverdue ? .timedOut : .connectFailed
        case CURLE_URL_MALFORMAT: self = .invalidRequest
        case CURLE_UNSUPPORTED_PROTOCOL: self = wasStarted ? .malformedReply : .invalidRequest
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: self = .malformedReply
        case CURLE_FILESIZE_EXCEEDED: self = .tooLarge
        default: self = wasStarted ? .reset : .connectFailed
        }
    }
}
