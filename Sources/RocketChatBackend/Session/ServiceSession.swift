internal import ChatBackend
internal import HTTPClient
internal import HTTPMessage
internal import Synchronization

/// The service account's token: a personal access token for good, or that of a login, shared by all calls.
///
/// However many calls need it at once, there is one login at a time. A refused login is not tried again for some
/// seconds: the server allows ten a minute, and its lockout by address would shut out the whole gateway (contract
/// sheet, section 2).
final class ServiceSession: Sendable {
    private struct State {
        var credential: CustomerCredential?
        var login: Task<Result<CustomerCredential, RocketChatFailure>, Never>?
        var refusal: (failure: RocketChatFailure, until: Int64)?
    }

    private let transport: RocketChatTransport
    private let source: RocketChatCredential
    private let state = Mutex(State())

    /// Milliseconds.
    private static let pause: Int64 = 10_000
    private static let pauseAfterLockout: Int64 = 60_000

    init(source: RocketChatCredential, transport: RocketChatTransport) {
        self.source = source
        self.transport = transport
    }

    /// The token at hand, or a new one.
    func credential() async throws(RocketChatFailure) -> CustomerCredential {
        switch source {
        case .personalAccessToken(let userID, let token):
            return CustomerCredential(userID: userID, token: token)
        case .password(let username, let password):
            return try await login(username: username, password: password)
        }
    }

    /// Another token than this one, which the server did not take.
    func renewed(after stale: CustomerCredential) async throws(RocketChatFailure) -> CustomerCredential {
        if case .personalAccessToken = source { throw Self.unauthorized }
        state.withLock { state in
            if state.credential == stale { state.credential = nil }
        }
        return try await credential()
    }

    /// Forgets a token that the server did not take although it was made because of that: logins do not help, and there
    /// is none for a while.
    func giveUp(_ renewed: CustomerCredential) {
        let now = transport.clock.uptime()
        state.withLock { state in
            guard state.credential == renewed else { return }
            state.credential = nil
            state.refusal = (Self.unauthorized, now + Self.pause)
        }
    }

    private static let unauthorized = RocketChatFailure(
        error: .refused(code: "unauthorized"), status: 401, code: "unauthorized")

    private func login(username: String, password: String) async throws(RocketChatFailure) -> CustomerCredential {
        let now = transport.clock.uptime()
        let next = state.withLock { state -> Next in
            if let credential = state.credential { return .known(.success(credential)) }
            if let refusal = state.refusal, now < refusal.until {
                return .known(.failure(refusal.failure.waiting(until: refusal.until, now: now)))
            }
            if let login = state.login { return .coming(login) }
            // A task of its own: the caller who happens to be first may be cancelled, the others still need the token.
            let login = Task(executorPreference: transport.client.executor) { [self] in
                let result = await makeLogin(username: username, password: password)
                note(result)
                return result
            }
            state.login = login
            return .coming(login)
        }
        switch next {
        case .known(let result): return try result.get()
        case .coming(let login): return try await login.value.get()
        }
    }

    private enum Next {
        case known(Result<CustomerCredential, RocketChatFailure>)
        case coming(Task<Result<CustomerCredential, RocketChatFailure>, Never>)
    }

    private func makeLogin(username: String, password: String) async -> Result<CustomerCredential, RocketChatFailure> {
        do throws(RocketChatFailure) {
            return .success(try await transport.login(username: username, password: password))
        } catch {
            return .failure(error)
        }
    }

    private func note(_ result: Result<CustomerCredential, RocketChatFailure>) {
        let now = transport.clock.uptime()
        state.withLock { state in
            state.login = nil
            state.refusal = nil
            switch result {
            case .success(let credential):
                state.credential = credential
            case .failure(let failure):
                switch failure.error {
                case .refused:
                    let pause = failure.code.contains("blocked") ? Self.pauseAfterLockout : Self.pause
                    state.refusal = (failure, now + pause)
                case .rateLimited(let seconds):
                    state.refusal = (failure, now + (seconds.map { Int64($0) * 1_000 } ?? Self.pause))
                default: break
                }
            }
        }
    }
}

extension RocketChatFailure {
    /// The same failure when it is remembered: the time to wait has become shorter.
    fileprivate func waiting(until: Int64, now: Int64) -> RocketChatFailure {
        guard case .rateLimited = error else { return self }
        var failure = self
        failure.error = .rateLimited(retryAfter: Int((until - now + 999) / 1_000))
        return failure
    }
}
