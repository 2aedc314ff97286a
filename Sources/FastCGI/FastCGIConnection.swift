internal import EventLoop
internal import FastCGIProtocol
internal import Glibc
internal import Logging

/// One connection of the web server: its state, and what happens on its descriptor. Loop thread only.
///
/// ```
///            ┌──────────────────────── kept ────────────────────────┐
///            ▼                                                      │
///  accept → idle → arriving → (gate) → inFlight → answering ────────┴→ closed
///                     │                    └ peer left ───────────────→ closed
///                     └→ skimming ─┬ kept → idle
///                                  └→ lingering ────────────────────────→ closed
/// ```
///
/// The gate looks at what lies in the socket (`+Arrival`), libfcgi reads it once it is whole and the handler runs
/// (`+Request`), the answer goes out as the peer takes it (`+Answer`); a body too large is skimmed and answered 413
/// (`+Oversized`).
// @unchecked: touched on the worker's loop only; the handler's task, which holds it, runs there too.
final class FastCGIConnection: @unchecked Sendable {
    enum State {
        /// Between requests, nothing has come.
        case idle
        /// Part of a request has come.
        case arriving
        /// The handler runs. Readiness now means that the peer left, never a new request (DESIGN.md section 4).
        case inFlight
        /// A long answer is on its way.
        case answering
        /// A body that is too large is read and thrown away.
        case skimming
        /// Answered and closed for writing; what still comes is thrown away for a moment.
        case lingering
        case closed
    }

    let descriptor: Int32
    let worker: FastCGIWorker
    var state = State.idle
    /// When ``expire()`` is called, or 0 for never.
    var deadline: UInt64
    var watch: DescriptorWatch?

    // A request.
    /// FastCGI's number for it, not ``requestID``.
    var number: Int32 = 0
    /// With fewer bytes in the socket than this another look is useless.
    var neededBytes = 1
    var requestID = ""
    var isHead = false
    var isSafe = false
    var keepsConnection = false
    /// Whether unread bytes may lie in the socket when the answer has gone.
    var hasStrayInput = false
    var task: Task<Void, Never>?

    // An answer.
    /// Set from its first byte to its last. An abandoned one closes the descriptor.
    var writer: FastCGIWriter?
    /// What does not fit into the socket at once.
    var body: [UInt8] = []
    var bodySent = 0
    var writeWatch: DescriptorWatch?

    // A request that is too large.
    var oversized: OversizedSkim?
    var lingerTimer: LoopTimer?

    init(descriptor: Int32, worker: FastCGIWorker) {
        self.descriptor = descriptor
        self.worker = worker
        deadline = worker.idleDeadline()
    }

    var isIdle: Bool { state == .idle }
    /// Whether all that came of a request still lies in the socket.
    var isReleasable: Bool { state == .idle || state == .arriving }
    var isAnswering: Bool { state == .answering }

    /// Begins to watch. A request that has come already is reported at once.
    func start() {
        do {
            watch = try worker.loop.watch(descriptor, [.read, .closed], edgeTriggered: true) { [unowned self] events in
                ready(events)
            }
        } catch {
            worker.logger.error("cannot watch a connection", metadata: ["error": "\(error)"])
            close()
        }
    }

    private func ready(_ events: DescriptorEvents) {
        switch state {
        case .idle, .arriving: look(peerEnded: events.contains(.closed))
        case .inFlight, .answering: checkPeer()
        case .skimming: skim()
        case .lingering: discard()
        case .closed: break
        }
    }

    /// Called when ``deadline`` has passed.
    func expire() {
        switch state {
        case .arriving, .skimming: refuse(ConnectionRefusal.requestDeadline.rawValue)
        case .answering: refuse(ConnectionRefusal.answerDeadline.rawValue)
        case .idle, .inFlight, .lingering, .closed: close()
        }
    }

    /// Closes without an answer, and counts why.
    func refuse(_ reason: String) {
        worker.note(reason)
        close()
    }

    /// Gives the descriptor away for another process to go on with. Between requests only: the gate peeks, so what has
    /// come of the next one goes along.
    func release() {
        state = .closed
        deadline = 0
        watch?.cancel()
        watch = nil
        worker.released.append(descriptor)
        worker.remove(self)
    }

    /// Ends the request in flight, whatever it is, and closes.
    func cut() {
        task?.cancel()
        close()
    }

    /// Closes at once. A handler that still runs goes on; its answer is dropped.
    ///
    /// - Parameter descriptorIsGone: libfcgi has closed the descriptor already.
    func close(descriptorIsGone: Bool = false) {
        guard state != .closed else { return }
        state = .closed
        deadline = 0
        task = nil
        body = []
        watch?.cancel()
        watch = nil
        writeWatch?.cancel()
        writeWatch = nil
        lingerTimer?.cancel()
        lingerTimer = nil
        // The worker forgets the number before the kernel can give it to another connection.
        worker.remove(self)
        if let writer {
            self.writer = nil
            writer.abandon()
        } else if !descriptorIsGone {
            _ = Glibc.close(descriptor)
        }
    }
}
