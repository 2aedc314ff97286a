public import RedisClient

/// What all gateways of the fleet are told, as it happens.
///
/// One channel for everything, so that a loop needs one connection to hear it: `cg:revoked`, on which a message is the
/// `jti` of an access token that was revoked. The word of ``Item/rooms`` is one as well: a gateway that knows no other
/// news forgets a token that it does not know, and a token of that name could still be revoked.
public struct RedisNews: Sendable {
    /// What is heard.
    public enum Item: Sendable, Equatable {
        /// From now on everything is heard; what was told before is missing.
        case up
        /// Nothing is heard until the next ``up``.
        case down
        /// An access token was revoked: its `jti`.
        case revoked(String)
        /// Somebody waits where nobody did, or an agent of a tenant has a room where none had: `tell()` in
        /// `agent_rooms.lua`.
        case rooms
    }

    private let client: RedisClient
    private static let rooms = "rooms"

    /// Listens over the client's server.
    public init(_ client: RedisClient) { self.client = client }

    /// Tells what is heard, in order, until its task is cancelled.
    public func follow(_ heard: @Sendable (Item) -> Void) async {
        let subscription = client.subscribe(channel: Keys.news)
        for await event in subscription.events {
            switch event {
            case .up: heard(.up)
            case .down: heard(.down)
            case .message(let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                heard(.revoked(text))
                if text == Self.rooms { heard(.rooms) }
            }
        }
        heard(.down)
        subscription.cancel()
    }
}
