import CustomersRedis
import Testing

@testable import Gateway

@Suite("News of rooms")
struct RoomNewsTests {
    @Test("what is told while somebody looks is there the next time; what was told before they looked is not")
    func order() async throws {
        let news = RoomNews()
        news.tell()
        try await news.next()
        news.take()
        news.hear(.rooms)
        try await news.next()
        news.take()
        let sleeper = Task { try await news.next() }
        news.hear(.revoked("a"))
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
    }

    @Test("when the news begin to be heard, or cease to be, one has to look")
    func interruptions() async throws {
        let news = RoomNews()
        #expect(!news.isUp)
        news.hear(.up)
        try await news.next()
        #expect(news.isUp)
        news.take()
        news.hear(.down)
        try await news.next()
        #expect(!news.isUp)
    }
}
