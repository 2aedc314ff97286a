internal import HTTPMessage

/// The answers that never reach the handler, in the API's error shape (DESIGN.md section 2).
enum LocalAnswer: String, Sendable {
    /// A parameter is not UTF-8, or there is no method.
    case badEncoding = "bad_encoding"
    /// The body is over the limit.
    case tooLarge = "too_large"
    /// The handler's answer cannot be sent as it is.
    case internalError = "internal_error"
    /// Too many requests in flight.
    case overloaded

    private var status: Int {
        switch self {
        case .badEncoding: 400
        case .tooLarge: 413
        case .internalError: 500
        case .overloaded: 503
        }
    }

    private var text: String {
        switch self {
        case .badEncoding: "params invalid"
        case .tooLarge: "request body too large"
        case .internalError: "internal error"
        case .overloaded: "overloaded"
        }
    }

    /// The answer; `requestID` has only the characters of ``FastCGIProtocol/RequestName``.
    func response(requestID: String) -> HTTPResponse {
        var headers: [(name: HTTPField, value: String)] = [
            (.contentType, "application/json"), (.cacheControl, "no-store"), (.contentTypeOptions, "nosniff"),
            (.requestID, requestID),
        ]
        // Spread out, so that those who were turned away together do not come back together.
        if self == .overloaded { headers.append((.retryAfter, String(Int.random(in: 1...5)))) }
        let body = #"{"code":"\#(rawValue)","request_id":"\#(requestID)","status":"\#(text)"}"#
        return HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
    }
}
