public import Customers
internal import HTTPMessage
public import Logging

/// Runs a POST that has an `Idempotency-Key` once, and answers the same call again with the same answer for 24 h
/// (draft-ietf-httpapi-idempotency-key-header-07). Without the field it does nothing.
///
/// A key is known to its caller and route only: the same key of another caller is another call. A call counts as the
/// same when its fields do, in whatever encoding; something else under the same key is 422, a second one meanwhile 409.
/// Kept are successes and refusals that will stay refusals; after everything else the same call runs again. What is
/// kept is limited: see ``NamedCallLimit``.
public struct Idempotency: Sendable {
    private let store: any IdempotencyStore
    private let seal: AnswerSeal
    private let limit: NamedCallLimit
    private let logger: Logger

    /// Seconds that an answer is kept.
    static let lifetime = 86_400

    /// Puts the parts together.
    public init(store: any IdempotencyStore, seal: AnswerSeal, limiter: any RateLimiter, logger: Logger) {
        self.store = store
        self.seal = seal
        limit = NamedCallLimit(limiter: limiter)
        self.logger = logger
    }

    /// What identifies the one who calls.
    enum Caller {
        /// The tenant's own server, with an access token or a signature.
        case tenant
        /// A customer who proved it, with a chat token or a signed name.
        case customer(String)
        /// Somebody who proves nothing. The address (IPv6: its /64) is all there is to tell two of them apart: who
        /// learns or guesses another one's key from elsewhere names a call of their own with it.
        case address(String)

        var text: String {
            switch self {
            case .tenant: "tenant"
            case .customer(let hash): "customer \(hash)"
            case .address(let address): "address \(ClientAddress.bucket(address))"
            }
        }

        init(_ caller: Customers.Caller) {
            switch caller {
            case .tenant: self = .tenant
            case .customer(let customer, isLive: _): self = .customer(customer.hash)
            }
        }
    }

    /// A call that may be named.
    struct Call {
        var request: HTTPRequest
        /// The same for all spellings of the path.
        var route: String
        var tenant: TenantID
        /// What makes the request this request.
        var parameters: Parameters
        /// Fields that prove who calls: a retry may have them made anew.
        var proofs: Set<String> = []
        /// Seconds that the answer is of use.
        var lifetime = Idempotency.lifetime
    }

    /// Answers a call, by `work` or from memory.
    ///
    /// - Parameters:
    ///   - call: what was asked for.
    ///   - caller: is asked only when there is a key.
    ///   - work: runs the call. It gets the seed that is the same for every run of it; nil without a key.
    /// - Returns: the answer, marked when it is from memory.
    /// - Throws: ``APIError``, `CustomersError.invalid` for a key that is none, `CustomersError.tooManyRequests`,
    ///   `StoreError`, and what `work` throws.
    func callAsFunction(
        _ call: Call, from caller: () async throws -> Caller, work: (String?) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        guard let field = call.request.header("idempotency-key") else { return try await work(nil) }
        let key = try IdempotencyKey(field)
        let caller = try await caller()
        if case .customer(let hash) = caller {
            let customer = CustomerHash(tenant: call.tenant, hash: hash)
            try await limit.admit(customer, from: call.request.remoteAddress)
        }
        let named = IdempotentCall(
            tenant: call.tenant, id: seal.tag([call.route, caller.text, key.text]),
            fingerprint: seal.tag(call.parameters.content(without: call.proofs)))
        switch try await store.begin(named) {
        case .run(let lease): return try await run(named, lease, of: call, work)
        case .running: throw APIError.idempotencyKeyInUse
        case .differs: throw APIError.idempotencyKeyReused
        case .answered(let sealed):
            guard var answer = seal.open(sealed, for: named) else { throw StoreError("cannot open a stored answer") }
            answer.headers.append((.idempotencyReplayed, "true"))
            return answer
        }
    }

    private func run(
        _ named: IdempotentCall, _ lease: IdempotencyLease, of call: Call,
        _ work: (String?) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        do {
            let answer = try await work(lease.seed)
            await keep(answer, of: named, lease, seconds: call.lifetime)
            return answer
        } catch {
            let problem = APIError(error) ?? .internalError
            switch problem.status {
            case 401, 403, 404, 409, 429:
                // Nothing was done, and it may be otherwise in a minute.
                await attempt("forget a call") { try await store.forget(named, lease) }
            case 400..<500:
                await keep(problem.response(call.request), of: named, lease, seconds: call.lifetime)
            default:
                await attempt("release a call") { try await store.release(named, lease) }
            }
            throw error
        }
    }

    /// The call has had its effect, whatever becomes of its answer here. Without it the lease runs out, and the same
    /// call again finds what this one left.
    private func keep(_ answer: HTTPResponse, of call: IdempotentCall, _ lease: IdempotencyLease, seconds: Int) async {
        await attempt("keep an answer") {
            try await store.finish(call, lease, answer: seal.seal(answer, for: call), seconds: seconds)
        }
    }

    private func attempt(_ what: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.warning("could not \(what)", metadata: ["error": "\(error)"])
        }
    }
}
