import ChatBackend
import Customers
import HTTPMessage

/// Every way in which a call can fail, as a client sees it. The one place that makes error bodies (DESIGN.md section
/// 2).
struct APIError: Error {
    var status: Int
    /// The text of `"status"`; two of them are the contract's.
    var text: String
    /// The text of `"code"`, for programs.
    var code: String
    /// Reasons by field, for `params invalid`.
    var errors: [String: String] = [:]
    /// Seconds.
    var retryAfter: Int?
    var allow: String?

    /// The answer.
    func response(_ request: HTTPRequest) -> HTTPResponse {
        var body: [String: JSONValue] = [
            "status": .string(text), "code": .string(code), "request_id": .string(request.requestID),
        ]
        if !errors.isEmpty { body["errors"] = .object(errors.mapValues { .string($0) }) }
        var response = HTTPResponse.json(status: status, .object(body))
        // RFC 9110 section 15.5.2 wants it; without it Android's client before 4.4 shows its caller no 401 but a broken
        // connection.
        if status == 401 { response.headers.append((.wwwAuthenticate, "Bearer")) }
        if let retryAfter { response.headers.append((.retryAfter, String(max(1, retryAfter)))) }
        if let allow { response.headers.append((.allow, allow)) }
        return response
    }

    static func invalid(_ errors: [String: String]) -> APIError {
        APIError(status: 400, text: "params invalid", code: "params_invalid", errors: errors)
    }
    static let apiKeyWrong = APIError(status: 400, text: "apiKey wrong", code: "api_key_wrong")
    static let unauthorized = APIError(status: 401, text: "unauthorized", code: "unauthorized")
    static let originNotAllowed = APIError(status: 403, text: "origin not allowed", code: "origin_not_allowed")
    static let notFound = APIError(status: 404, text: "not found", code: "not_found")
    static func methodNotAllowed(_ methods: [String]) -> APIError {
        APIError(
            status: 405, text: "method not allowed", code: "method_not_allowed",
            allow: (methods + ["OPTIONS"]).joined(separator: ", "))
    }
    static func conflict(_ reason: String) -> APIError { APIError(status: 409, text: reason, code: "conflict") }
    /// Soon again: the run that has the key may end any moment.
    static var idempotencyKeyInUse: APIError {
        APIError(
            status: 409, text: "a call with this Idempotency-Key is still running", code: "idempotency_key_in_use",
            retryAfter: Int.random(in: 1...3))
    }
    static let idempotencyKeyReused = APIError(
        status: 422, text: "this Idempotency-Key was used for another request", code: "idempotency_key_reused")
    static let unsupportedMediaType = APIError(
        status: 415, text: "unsupported media type", code: "unsupported_media_type")
    static func tooManyRequests(_ seconds: Int) -> APIError {
        APIError(status: 429, text: "too many requests", code: "too_many_requests", retryAfter: seconds)
    }
    static let internalError = APIError(status: 500, text: "internal error", code: "internal_error")
    static let chatServerBroken = APIError(
        status: 502, text: "the chat server gave an answer that cannot be used", code: "chat_server_error")
    static func unavailable(_ text: String, _ code: String, retryAfter: Int? = nil) -> APIError {
        // Spread out, so that clients which were turned away together do not come back together.
        APIError(status: 503, text: text, code: code, retryAfter: retryAfter ?? Int.random(in: 1...5))
    }
    static let overloadedCode = "overloaded"
    static let chatServerTooSlow = APIError(
        status: 504, text: "the chat server is too slow", code: "chat_server_timeout")
}
