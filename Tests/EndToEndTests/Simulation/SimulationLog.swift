import Synchronization
import TestSupport

/// What customers did and were told, to be held against the chat server's journal.
final class SimulationLog: Sendable {
    /// One time that a customer came into a department's line: by arriving, or by being transferred to the department.
    struct Entry: Sendable {
        var rid: String
        var department: Int
        /// When the call was sent whose answer put the customer there, and when that answer came.
        var sent: Int64
        var answered: Int64
        /// Whether the answer was a place in the queue.
        var isWaiting: Bool
        /// The user name of an agent who was in the room already.
        var former: String?
        /// The department in whose line the customer stood when they called to be transferred.
        var formerDepartment: Int?
        /// When the customer sent a call to close the room or to go to another department.
        var left: Int64?
    }

    /// A room that is open at the end, as its customer knows it.
    struct OpenRoom: Sendable {
        var rid: String
        var token: String
        var department: Int
        /// When the call was sent that put its customer into the department's line, and when it was answered; nil for
        /// those who have, or had, an agent.
        var arrival: ClosedRange<Int64>?
    }

    private struct State: Sendable {
        var entries: [Entry] = []
        var open: [OpenRoom] = []
        var counts: [String: Int] = [:]
        var surprises: [String] = []
        var finished = 0
    }

    private let state = Mutex(State())

    var entries: [Entry] { state.withLock { $0.entries } }
    var open: [OpenRoom] { state.withLock { $0.open } }
    /// How often what happened, for the report.
    var counts: [String: Int] { state.withLock { $0.counts } }
    /// Answers that no customer should ever get.
    var surprises: [String] { state.withLock { $0.surprises } }
    /// Customers who have gone, or stay to the end.
    var finished: Int { state.withLock { $0.finished } }

    func count(_ what: String) { state.withLock { $0.counts[what, default: 0] += 1 } }

    func surprise(_ what: String) {
        state.withLock { $0.surprises.append(what) }
    }

    /// - Returns: the entry's number, for ``leave(_:at:)``.
    func enter(_ entry: Entry) -> Int {
        state.withLock { state in
            state.entries.append(entry)
            return state.entries.count - 1
        }
    }

    func leave(_ entry: Int, at time: Int64) {
        state.withLock { $0.entries[entry].left = time }
    }

    func entry(_ number: Int) -> Entry { state.withLock { $0.entries[number] } }

    func finish(staying room: OpenRoom? = nil) {
        state.withLock { state in
            state.finished += 1
            if let room { state.open.append(room) }
        }
    }
}
