import Synchronization
import TestSupport

/// Notices when the machine or the chat server stands still or is slow, so that no promise of so many seconds is held
/// against gateways that had no chance to keep it.
///
/// Every 50 ms it wakes up, by the same processors as everybody else, and asks the chat server for next to nothing.
/// Whatever a beat takes longer than that is time that was not there for the gateways either. They are not asked: their
/// own slowness is no excuse.
final class Heartbeat: Sendable {
    private struct Stall: Sendable {
        var begin: Int64
        var end: Int64
        var lost: Int64
    }

    private let stalls = Mutex<[Stall]>([])
    private static let pause: Int64 = 50
    /// What waking up and the call of a beat may take: milliseconds.
    private static let usual: Int64 = 20
    /// What a beat loses at least when all stood still for a quarter of a second: it may have begun in the pause.
    private static let standstill = 250 - pause - usual

    /// Beats until its task is cancelled.
    func run(_ chat: DevChatProcess) async {
        while !Task.isCancelled {
            let begin = unixMilliseconds()
            try? await Task.sleep(for: .milliseconds(Self.pause))
            _ = try? await chat.mark()
            beat(from: begin, to: unixMilliseconds())
        }
    }

    /// A beat took from one moment to another.
    func beat(from begin: Int64, to end: Int64) {
        let lost = end - begin - Self.pause - Self.usual
        if lost > 0 { stalls.withLock { $0.append(Stall(begin: begin, end: end, lost: lost)) } }
    }

    /// When the machine stood still for so long that replies of Redis may have come too late: a gateway waits for 250
    /// ms at least.
    var standstills: [Int64] { stalls.withLock { $0.filter { $0.lost >= Self.standstill }.map(\.end) } }

    /// Milliseconds that were lost within a span of time, at most: of a beat that was late it is not known when it was
    /// so.
    func lost(from begin: Int64, to end: Int64) -> Int64 {
        stalls.withLock { stalls in
            stalls.reduce(0) { sum, stall in
                let overlap = min(end, stall.end) - max(begin, stall.begin)
                return overlap > 0 ? sum + min(overlap, stall.lost) : sum
            }
        }
    }
}
