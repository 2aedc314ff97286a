internal import CustomersRedis
internal import EventLoop
internal import Synchronization

/// Whether rooms may want looking after that nobody did when they were looked at last. From any thread.
final class RoomNews: Sendable {
    private let bell = Bell()
    private let isNew = Atomic(false)
    private let isHeard = Atomic(false)

    /// Whether the fleet's news are heard: otherwise one has to look.
    var isUp: Bool { isHeard.load(ordering: .acquiring) }

    /// Takes notice of what is heard. When the news begin or cease to be heard some may have been missed.
    func hear(_ item: RedisNews.Item) {
        switch item {
        case .up: isHeard.store(true, ordering: .releasing)
        case .down: isHeard.store(false, ordering: .releasing)
        case .rooms: break
        case .revoked: return
        }
        tell()
    }

    /// There is something to look at.
    func tell() {
        isNew.store(true, ordering: .releasing)
        bell.ring()
    }

    /// Whoever is about to look calls this first: what is told from then on is for the next time.
    func take() { isNew.store(false, ordering: .releasing) }

    /// Returns when there is something to look at.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func next() async throws {
        try await bell.wait { isNew.load(ordering: .acquiring) }
    }
}
