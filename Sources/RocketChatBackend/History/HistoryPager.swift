internal import ChatBackend
internal import HTTPMessage

/// Makes exact pages out of a list that a server serves newest first, by time only, in windows of time (contract sheet,
/// sections 4 and 5): a total order, every page but the last full, nothing twice and nothing left out when several
/// messages have the same time.
///
/// Knows no server: the list comes through `fetch`.
struct HistoryPager {
    /// A part of the list: messages with `oldest` ≤ time ≤ `latest`, newest first, without the first `offset`.
    struct Window: Sendable, Equatable {
        var latest: Int64?
        var oldest: Int64?
        var offset = 0
        var count: Int
    }

    /// What was in a window; `isEnd` when no older message is left in it.
    typealias Fetch = (Window) async throws(ChatBackendError) -> (messages: [PagedMessage], isEnd: Bool)

    /// Messages a page.
    let count: Int
    /// Whether notices count as messages.
    let includesNotices: Bool
    let fetch: Fetch

    private static let windowSize = 100
    /// Notices that a page's window has room for.
    private static let allowance = 10

    /// The messages just older than the position, or the newest ones.
    func page(before start: HistoryPosition?) async throws(ChatBackendError) -> HistoryPage {
        var collected: [HistoryPosition: PagedMessage] = [:]
        var window = Window(latest: start?.time, count: min(count + Self.allowance, Self.windowSize))
        while true {
            let (messages, isEnd) = try await fetch(window)
            for message in messages { collected[message.position] = message }
            let oldest = messages.map(\.position.time).min()
            let found = visible(collected) { position in start.map { position < $0 } ?? true }.reversed()
            // The oldest moment may go on in the next window, with ids that belong before those we have.
            let complete = isEnd ? found.count : found.prefix { $0.position.time > oldest ?? .max }.count
            if isEnd || (complete >= count && found.count > count) {
                let page = found.prefix(count)
                return Self.page(Array(page), hasMore: found.count > count, next: page.last)
            }
            // From the oldest moment on, without what we have of it.
            window.latest = oldest
            window.offset = collected.keys.count { $0.time == oldest }
        }
    }

    /// The messages just newer than the position.
    ///
    /// The server lists the newest first, so the window's upper end is brought down by halves until all of it fits, and
    /// raised again from there. Usually there is little that is newer, and the first window has it all.
    func page(after start: HistoryPosition) async throws(ChatBackendError) -> HistoryPage {
        var collected: [HistoryPosition: PagedMessage] = [:]
        // Everything up to here is collected.
        var known = start.time
        var ends: [Int64?] = [nil]
        while let end = ends.last {
            var (messages, isEnd) = try await fetch(Window(latest: end, oldest: known, count: Self.windowSize))
            let oldest = messages.map(\.position.time).min() ?? known
            if !isEnd, oldest - known > 1 {
                ends.append(known + (oldest - known) / 2)
                continue
            }
            while !isEnd {
                let window = Window(latest: end, oldest: known, offset: messages.count, count: Self.windowSize)
                let more = try await fetch(window)
                messages += more.messages
                isEnd = more.isEnd
            }
            for message in messages { collected[message.position] = message }
            ends.removeLast()
            if let end { known = end }
            if visible(collected, where: { $0 > start }).count > count { break }
        }
        let found = visible(collected) { $0 > start }
        let page = Array(found.prefix(count).reversed())
        return Self.page(page, hasMore: found.count > count, next: page.first)
    }

    /// Oldest first.
    private func visible(
        _ collected: [HistoryPosition: PagedMessage], where isWanted: (HistoryPosition) -> Bool
    ) -> [PagedMessage] {
        collected.values.filter { (includesNotices || !$0.isNotice) && isWanted($0.position) }
            .sorted { $0.position < $1.position }
    }

    private static func page(_ messages: [PagedMessage], hasMore: Bool, next: PagedMessage?) -> HistoryPage {
        HistoryPage(
            messages: messages.map(\.text), hasMore: hasMore,
            next: next.map { HistoryCursor.encode($0.position) }, newest: messages.first?.position.time)
    }
}
