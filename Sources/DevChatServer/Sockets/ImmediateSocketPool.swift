import FlyingSocks
import Foundation

/// FlyingFox's epoll pool, with two changes for load: it takes many events at a time, and it turns Nagle's algorithm
/// off on the listening socket, from which connections inherit that.
///
/// FlyingFox writes head and body apart; with Nagle on, a kept connection waits 40 ms for the peer's delayed
/// acknowledgement on every answer.
struct ImmediateSocketPool: AsyncSocketPool {
    private let epoll = SocketPool<ePoll>.ePoll(maxEvents: 1024)

    func prepare() async throws {
        try await epoll.prepare()
    }

    func run() async throws {
        try await epoll.run()
    }

    func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        // Only the listening socket waits for both reading and writing.
        if events == .connection {
            try? socket.setValue(true, for: BoolSocketOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY))
        }
        try await epoll.suspendSocket(socket, untilReadyFor: events)
    }
}
