import ChatBackend
import HTTPMessage
import Synchronization
import Testing

@testable import RocketChatBackend

/// A room's messages as a server lists them: by time only, newest first, equal times in the order written.
private struct Room: Sendable {
    var messages: [PagedMessage]
    /// Messages an answer has at most, whatever is asked.
    var cap = Int.max

    /// `times` and whether each is a notice.
    init(_ entries: [(time: Int64, isNotice: Bool)], cap: Int = .max) {
        self.cap = cap
        messages = entries.enumerated().compactMap { index, entry in
            // Ids in no order at all.
            let id = "\((index &* 7_919) % 10_007)-\(index)"
            return PagedMessage([
                "_id": .string(id), "ts": .string(MessageTime.iso(entry.time)), "t": entry.isNotice ? "uj" : nil,
            ])
        }
    }

    func list(_ window: HistoryPager.Window) -> (messages: [PagedMessage], isEnd: Bool) {
        let inside = messages.filter {
            $0.position.time <= window.latest ?? .max && $0.position.time >= window.oldest ?? .min
        }
        let sorted = inside.enumerated().sorted {
            ($1.element.position.time, $0.offset) < ($0.element.position.time, $1.offset)
        }.map(\.element)
        let answer = Array(sorted.dropFirst(window.offset).prefix(min(window.count, cap)))
        return (answer, answer.count < min(window.count, cap))
    }

    func pager(count: Int, includesNotices: Bool = false, calls: Calls = Calls()) -> HistoryPager {
        HistoryPager(count: count, includesNotices: includesNotices) { (window) async throws(ChatBackendError) in
            calls.count.withLock { $0 += 1 }
            await Task.yield()
            guard calls.count.withLock({ $0 }) < 500 else { throw .contract("too many calls") }
            return list(window)
        }
    }

    func expected(includesNotices: Bool = false) -> [String] {
        messages.filter { includesNotices || !$0.isNotice }.map(\.position).sorted().reversed().map(\.id)
    }
}

private final class Calls: Sendable {
    let count = Mutex(0)
}

private func ids(_ page: HistoryPage) throws -> [String] {
    try page.messages.map { try #require(try JSONValue(parsing: $0)["_id"]?.string) }
}

@Suite("History pages")
struct HistoryPagerTests {
    private static let rooms: [Room] = {
        var random = SystemRandomNumberGenerator()
        return (0..<30).map { seed in
            var time: Int64 = 1_762_000_000_000
            let size = [0, 1, 5, 40, 230][seed % 5]
            return Room(
                (0..<size).map { _ in
                    // Every second message shares its time with the one before.
                    time += [0, 0, 1, 1_000, 3_600_000].randomElement(using: &random) ?? 0
                    return (time, Int.random(in: 0..<5, using: &random) == 0)
                }, cap: [Int.max, 100, 37][seed % 3])
        }
    }()

    @Test("paging back gives every message once, in order, and every page but the last is full")
    func backward() async throws {
        for room in Self.rooms {
            for count in [1, 7, 100] {
                let pager = room.pager(count: count)
                var found: [String] = []
                var page = try await pager.page(before: nil)
                found += try ids(page)
                while page.hasMore {
                    #expect(page.messages.count == count)
                    page = try await pager.page(before: try HistoryCursor.decode(try #require(page.next)))
                    #expect(!page.messages.isEmpty)
                    found += try ids(page)
                }
                #expect(found == room.expected())
            }
        }
    }

    @Test("paging forward gives every message once, in order, and every page but the last is full")
    func forward() async throws {
        for room in Self.rooms {
            for count in [3, 100] {
                var found: [String] = []
                var position = HistoryPosition(time: 0, id: "0")
                while true {
                    let page = try await room.pager(count: count).page(after: position)
                    found += try ids(page).reversed()
                    guard page.hasMore else { break }
                    #expect(page.messages.count == count)
                    position = try HistoryCursor.decode(try #require(page.next))
                }
                #expect(found == room.expected().reversed())
            }
        }
    }

    @Test("forward from a page's first message comes to where one started")
    func forwardFromBackward() async throws {
        let room = Room((0..<50).map { (1_000 + Int64($0) / 10, false) })
        let pager = room.pager(count: 10)
        let first = try await pager.page(before: nil)
        let second = try await pager.page(before: try HistoryCursor.decode(try #require(first.next)))
        let newest = try #require(room.messages.first { $0.position.id == (try? ids(second).first) })
        let back = try await pager.page(after: newest.position)
        #expect(try ids(back) == ids(first))
        #expect(!back.hasMore)
    }

    @Test("hundreds of messages of one millisecond are paged like any others", arguments: [Int.max, 100, 37])
    func oneMoment(cap: Int) async throws {
        let room = Room((0..<350).map { _ in (1_000, false) } + [(999, false), (1_001, false)], cap: cap)
        var found: [String] = []
        var page = try await room.pager(count: 20).page(before: nil)
        found += try ids(page)
        while page.hasMore {
            page = try await room.pager(count: 20).page(before: try HistoryCursor.decode(try #require(page.next)))
            found += try ids(page)
        }
        #expect(found == room.expected())
        let forward = try await room.pager(count: 100).page(after: HistoryPosition(time: 999, id: "z"))
        #expect(try ids(forward) == room.expected().dropLast().suffix(100))
    }

    @Test("notices neither shorten a page nor end the list", arguments: [true, false])
    func notices(includesNotices: Bool) async throws {
        let room = Room((0..<500).map { (Int64($0) * 1_000, $0 % 50 != 0) })
        let page = try await room.pager(count: 5, includesNotices: includesNotices).page(before: nil)
        #expect(try ids(page) == Array(room.expected(includesNotices: includesNotices).prefix(5)))
        #expect(page.hasMore)
    }

    @Test("an ordinary page takes one call, and so does what is new since the last look")
    func calls() async throws {
        let room = Room((0..<2_000).map { (Int64($0) * 60_000, $0 % 7 == 0) })
        let calls = Calls()
        _ = try await room.pager(count: 20, calls: calls).page(before: nil)
        #expect(calls.count.withLock { $0 } == 1)
        let position = room.messages[1_990].position
        #expect(try await room.pager(count: 20, calls: calls).page(after: position).messages.count > 0)
        #expect(calls.count.withLock { $0 } == 2)
    }

    @Test("looking forward from the beginning of a long room does not read all of it")
    func farForward() async throws {
        let room = Room((0..<20_000).map { (Int64($0) * 60_000, false) })
        let calls = Calls()
        let page = try await room.pager(count: 20, calls: calls).page(after: room.messages[9].position)
        #expect(try ids(page) == room.messages[10..<30].reversed().map(\.position.id))
        #expect(calls.count.withLock { $0 } < 30)
    }

    @Test("an empty room is one empty page")
    func empty() async throws {
        let page = try await Room([]).pager(count: 20).page(before: nil)
        #expect(page.messages.isEmpty && !page.hasMore && page.next == nil)
    }
}
