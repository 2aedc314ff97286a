internal import ChatBackend
internal import HTTPMessage

/// The REST calls with their credentials: the service account's, renewed once when the server has forgotten it, or a
/// customer's.
final class RocketChatAPI: Sendable {
    let transport: RocketChatTransport
    private let session: ServiceSession

    init(transport: RocketChatTransport, session: ServiceSession) {
        self.transport = transport
        self.session = session
    }

    /// Makes a call and returns the reply's object. It throws as ``reply(to:)`` does.
    func send(_ call: RocketChatCall) async throws(RocketChatFailure) -> JSONValue {
        try await reply(to: call).envelope
    }

    /// Makes a call.
    ///
    /// - Throws: 401 for the service account is `refused`, once a new login did not help; for a customer it is
    ///   `refused(code: "token")`, so that the domain makes a new token.
    func reply(to call: RocketChatCall) async throws(RocketChatFailure) -> RocketChatReply {
        switch call.caller {
        case .nobody:
            return try await transport.send(call, credential: nil)
        case .customer(let credential):
            do throws(RocketChatFailure) {
                return try await transport.send(call, credential: credential)
            } catch {
                guard error.status == 401 else { throw error }
                var failure = error
                failure.error = .refused(code: "token")
                throw failure
            }
        case .service: return try await replyToService(call)
        }
    }

    // Not inlined: a customer's call, of which thousands wait, need not keep room for this one.
    @inline(never)
    private func replyToService(_ call: RocketChatCall) async throws(RocketChatFailure) -> RocketChatReply {
        let credential = try await session.credential()
        do throws(RocketChatFailure) {
            return try await transport.send(call, credential: credential)
        } catch {
            guard error.status == 401 else { throw error }
        }
        let renewed = try await session.renewed(after: credential)
        do throws(RocketChatFailure) {
            return try await transport.send(call, credential: renewed)
        } catch {
            if error.status == 401 { session.giveUp(renewed) }
            throw error
        }
    }
}
