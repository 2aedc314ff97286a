import Synchronization
import TestSupport

/// Notices when the machine, nginx, the gateways or the chat server stand still or are slow, so that no promise of so many
/// seconds is held against a machine that had better things to do.
///
/// Every 50 ms it asks the chat server and, through nginx, a gateway for next to nothing. Whatever a beat takes longer than
/// that is time that was not there for anybody.
final class Heartbeat: Sendable {
    private struct Stall: Sendable {
        var begin: Int64
        var end: Int64
        var lost: Int64
    }

    private let stalls = Mutex<[Stall]>([])
    private static let pause: Int64 = 50
    /// What the two calls of a beat may take: milliseconds.
    private static let usual: Int64 = 20

    /// Beats until its task is cancelled.
    func run(_ tenant: TestTenant, _ chat: DevChatProcess) async {
        while !Task.isCancelled {
            let begin = unixMilliseconds()
            try? await Task.sleep(for: .milliseconds(Self.pause))
            async let mark = try? chat.mark()
            async let reply = try? tenant.client.send(.get("/customers/auth_ping"))
            _ = await (mark, reply)
            let end = unixMilliseconds()
            let lost = end - begin - Self.pause - Self.usual
            if lost > 0 { stalls.withLock { $0.append(Stall(begin: begin, end: end, lost: lost)) } }
        }
    }

    /// Milliseconds that were lost within a span of time.
    func lost(from begin: Int64, to end: Int64) -> Int64 {
        stalls.withLock { stalls in
            stalls.reduce(0) { sum, stall in
                let overlap = min(end, stall.end) - max(begin, stall.begin)
                return overlap > 0 ? sum + min(overlap, stall.lost) : sum
            }
        }
    }
}
