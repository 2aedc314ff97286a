import FlyingFox

/// Ends a connection without a byte. FlyingFox has no answer for that, but closes a connection whose websocket
/// cannot be opened, before it writes anything.
struct Disconnection: WSHandler, Error {
    func makeFrames(for client: AsyncThrowingStream<WSFrame, any Error>) async throws -> AsyncStream<WSFrame> {
        throw self
    }
}
