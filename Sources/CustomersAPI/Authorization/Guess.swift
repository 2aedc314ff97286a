import Customers
import HTTPMessage

/// A call that failed as those fail that try tokens, keys, signatures or rooms until one fits (hazards 2a).
struct Guess {
    /// Whom it is counted against: the address, or the token of a customer who looks for others' rooms.
    var caller: String

    /// Reads a failure; nil for one that is no guess.
    init?(_ error: any Error, _ request: HTTPRequest) {
        switch error {
        case CustomersError.unauthorized: break
        case let error as APIError where error.code == APIError.apiKeyWrong.code: break
        case CustomersError.notFound:
            // Who has got so far with a token has a good one. The tenant's own servers may be wrong about rooms as they
            // like.
            guard let token = Authorization.token(request) else { break }
            guard !AccessTokenVerifier.isAccessToken(token) else { return nil }
            caller = "token:\(ChatTokenDigest(token).text.prefix(32))"
            return
        default: return nil
        }
        caller = "ip:\(ClientAddress.bucket(request.remoteAddress))"
    }
}
