internal import ChatBackend
internal import HTTPClient
internal import HTTPMessage
internal import Logging
internal import Synchronization

/// Sends calls and reads replies; knows nothing of logins.
final class RocketChatTransport: Sendable {
    let clock: RocketChatClock
    let client: any HTTPSender
    private let breaker: CircuitBreakerGuard
    private let logger: Logger
    private let base: String
    private let deadline: Int64
    private let metrics = RocketChatMetrics()
    private let retries = RetryBudget()

    init(url: String, deadline: Duration, client: any HTTPSender, clock: RocketChatClock, logger: Logger) {
        var base = Substring(url)
        while base.hasSuffix("/") { base = base.dropLast() }
        self.base = String(base)
        self.deadline = deadline.milliseconds
        self.client = client
        self.clock = clock
        self.logger = logger
        breaker = CircuitBreakerGuard(clock: clock, logger: logger)
    }

    /// Whether the server is asked at all.
    var breakerState: CircuitBreakerState { breaker.state }

    /// Sends one call; a read is sent again once when there was no connection, or it was lost, and any call that came
    /// too late on a kept one.
    ///
    /// - Returns: the reply, which did not say `"success":false`.
    /// - Throws: `unavailable` at once, without a call, while the circuit breaker is open.
    func send(
        _ call: RocketChatCall, credential: CustomerCredential?
    ) async throws(RocketChatFailure) -> RocketChatReply {
        let ticket = try breaker.enter()
        let started = clock.uptime()
        let end = end(of: call, started: started)
        let reply: HTTPClientReply
        do throws(HTTPClientError) {
            reply = try await exchange(call, credential: credential, deadline: end, ticket: ticket)
        } catch {
            breaker.leave(ticket, .init(error, granted: end &- started, usual: deadline))
            record(call, .init(error), since: started)
            throw RocketChatFailure(error)
        }
        breaker.leave(ticket, .init(reply))
        record(call, .init(status: reply.status), since: started)
        return try interpret(reply, of: call)
    }

    /// When the call must be over, on the uptime clock: its own deadline, or its request's if that comes first.
    private func end(of call: RocketChatCall, started: Int64) -> Int64 {
        let own = call.deadline ?? started &+ deadline
        guard let total = ChatDeadline.current else { return own }
        return min(own, started &+ ContinuousClock.now.duration(to: total).milliseconds)
    }

    private func exchange(
        _ call: RocketChatCall, credential: CustomerCredential?, deadline: Int64, ticket: CircuitBreaker.Ticket
    ) async throws(HTTPClientError) -> HTTPClientReply {
        retries.earn()
        // Once, whoever would send it again: libcurl, when a kept connection was dead, or we.
        let again = SecondTry { [breaker, retries] in
            breaker.mayRepeat(ticket) && retries.take()
        }
        do throws(HTTPClientError) {
            let reply = try await client.send(request(call, credential: credential, deadline: deadline, again))
            // A kept connection whose time was over when the request was on its way there: it has not been read (RFC
            // 9110, section 15.5.9).
            guard reply.status == 408, again.take() else { return reply }
        } catch {
            guard call.isRead, error.code == .connectFailed || error.code == .reset, again.take() else { throw error }
        }
        return try await client.send(request(call, credential: credential, deadline: deadline, again))
    }

    private func request(
        _ call: RocketChatCall, credential: CustomerCredential?, deadline: Int64, _ again: SecondTry
    ) -> HTTPClientRequest {
        var headers = [(name: "Accept", value: "application/json")]
        if let credential {
            headers.append((name: "X-Auth-Token", value: credential.token))
            headers.append((name: "X-User-Id", value: credential.userID))
        }
        if let id = ChatRequestID.current { headers.append((name: "X-Request-Id", value: id)) }
        if call.body != nil { headers.append((name: "Content-Type", value: "application/json")) }
        // Whatever is not a read is either idempotent or, a creation, recovered by name: a second delivery does no
        // harm.
        return HTTPClientRequest(
            method: call.body == nil ? .get : .post, url: base + call.target, headers: headers,
            body: call.body?.serialized() ?? [], deadline: .milliseconds(max(deadline &- clock.uptime(), 1)),
            replyLimit: call.replyLimit, mayRepeat: { again.take() })
    }

    private func interpret(
        _ reply: HTTPClientReply, of call: RocketChatCall
    ) throws(RocketChatFailure) -> RocketChatReply {
        let isJSON = reply.header("Content-Type")?.lowercased().hasPrefix("application/json") ?? false
        let isGood = (200..<300).contains(reply.status)
        if isJSON, isGood, call.listsMessages, let list = RocketChatReply(listing: reply.body), list.isSuccess {
            return list
        }
        let value = isJSON ? try? JSONValue(parsing: reply.body) : nil
        let envelope = value?.object == nil ? nil : value
        guard isGood, let read = envelope.map({ RocketChatReply(envelope: $0) }), read.isSuccess else {
            let failure = RocketChatFailure(reply, envelope: envelope, route: call.route, now: clock.wall())
            note(failure, of: call)
            throw failure
        }
        return read
    }

    /// Which call failed, for an admin who looks for a missing permission. Many a failure is foreseen and worked
    /// around.
    private func note(_ failure: RocketChatFailure, of call: RocketChatCall) {
        logger.debug(
            "a call of the chat server failed",
            metadata: [
                "route": "\(call.route)", "status": "\(failure.status)", "code": "\(failure.code)",
                "request_id": "\(ChatRequestID.current ?? "-")",
            ])
    }

    private func record(_ call: RocketChatCall, _ outcome: RocketChatMetrics.Outcome, since started: Int64) {
        metrics.record(route: call.route, outcome: outcome, milliseconds: clock.uptime() &- started)
    }
}

extension RocketChatMetrics.Outcome {
    init(status: Int) {
        switch status {
        case 429: self = .limited
        case 200..<300: self = .success
        case 300..<400: self = .redirect
        case 400..<500: self = .refused
        default: self = .failed
        }
    }

    init(_ error: HTTPClientError) {
        switch error.code {
        case .connectFailed, .reset, .overloaded: self = .unreachable
        case .timedOut: self = .timedOut
        case .tooLarge, .malformedReply, .invalidRequest: self = .broken
        case .cancelled: self = .cancelled
        }
    }
}
