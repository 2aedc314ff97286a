public import ChatBackend
internal import HTTPClient
internal import HTTPMessage

// groups.history, im.history (contract sheet, sections 4, 5 and 6).
extension RocketChatBackend {
    /// Calls for one page, at most; a page usually takes one.
    private static let callLimit = 200
    private static let replyLimit = 4 * 1_024 * 1_024
    /// When the server limits calls without saying for how long.
    private static let pause: Int64 = 60_000

    /// A page of a room's messages, newest first, keys and numbers as the server has them.
    ///
    /// Read with the customer's token. All customers share the gateway's address, so that the server's rate limit hits
    /// them all together; a group is then read by the service account, which is a member, until the limit ends.
    public func history(_ query: HistoryQuery) async throws(ChatBackendError) -> HistoryPage {
        var callsLeft = Self.callLimit
        // Messages a call, fewer as soon as a page of long ones does not fit into a reply.
        var most = Int.max
        // What the parts take up that have come.
        var (kept, budgeted) = (0, 0)
        defer { heldPages.giveBack(budgeted) }
        let deadline = clock.uptime() &+ configuration.deadline.milliseconds
        let pager = HistoryPager(
            count: min(max(query.count, 1), 100), includesNotices: query.includesSystemMessages
        ) { [self] (window) async throws(ChatBackendError) in
            var messages: [PagedMessage] = []
            while messages.count < window.count {
                guard callsLeft > 0 else { throw .contract("history: no end") }
                callsLeft -= 1
                var rest = window
                rest.offset += messages.count
                rest.count = min(rest.count - messages.count, most)
                let answer: [PagedMessage]
                do throws(ChatBackendError) {
                    answer = try await read(rest, of: query, deadline: deadline)
                } catch {
                    guard error == RocketChatFailure.tooLarge, rest.count > 1 else { throw error }
                    most = rest.count / 2
                    continue
                }
                messages += answer
                kept += answer.reduce(0) { $0 + $1.text.count }
                let due = max(kept - ReplyBudget.free, 0) - budgeted
                guard due <= 0 || heldPages.take(due) else {
                    throw .unavailable("too many long pages at once", mayHaveRun: false)
                }
                budgeted += max(due, 0)
                if memory.isEnd(Self.route(query.kind), asked: rest.count, answered: answer.count) {
                    return (messages, true)
                }
            }
            return (messages, false)
        }
        switch query.position {
        case .latest: return try await pager.page(before: nil)
        case .before(let cursor): return try await pager.page(before: try HistoryCursor.decode(cursor))
        case .after(let cursor): return try await pager.page(after: try HistoryCursor.decode(cursor))
        }
    }

    private static func route(_ kind: RoomKind) -> String { kind == .group ? "groups.history" : "im.history" }

    private func read(
        _ window: HistoryPager.Window, of query: HistoryQuery, deadline: Int64
    ) async throws(ChatBackendError) -> [PagedMessage] {
        let route = Self.route(query.kind)
        var call = RocketChatCall.get(
            route,
            [
                ("roomId", query.rid), ("count", "\(window.count)"), ("offset", "\(window.offset)"),
                ("inclusive", "true"), ("showThreadMessages", "true"),
            ])
        if let latest = window.latest { call.query.append(("latest", MessageTime.iso(latest))) }
        if let oldest = window.oldest { call.query.append(("oldest", MessageTime.iso(oldest))) }
        call.replyLimit = Self.replyLimit
        call.deadline = deadline
        call.listsMessages = true
        let reply = try await answer(call, of: query)
        // However a message of another room got here, it is somebody else's.
        let isElsewhere = { (room: JSONValue?) in room.map { $0.string != query.rid } ?? false }
        let list: [PagedMessage?]
        let hasOthers: Bool
        if let rows = reply.messages {
            list = rows.map { PagedMessage($0) }
            hasOthers = rows.contains { isElsewhere($0.room) }
        } else if let values = reply.envelope["messages"]?.array {
            list = values.map { PagedMessage($0) }
            hasOthers = values.contains { isElsewhere($0["rid"]) }
        } else {
            throw .contract("\(route): no messages")
        }
        let messages = list.compactMap { $0 }
        guard messages.count == list.count else { throw .contract("\(route): a message without _id or ts") }
        guard !hasOthers else { throw .contract("\(route): a message of another room") }
        return messages
    }

    private func answer(
        _ call: RocketChatCall, of query: HistoryQuery
    ) async throws(ChatBackendError) -> RocketChatReply {
        let limit = ServerMemory.Fact.limitsCustomers(route: call.route)
        guard let credential = query.credential, query.kind == .direct || !memory.holds(limit, at: clock.uptime())
        else {
            return try await inOurName(call)
        }
        do throws(RocketChatFailure) {
            return try await api.reply(to: call.inName(of: credential))
        } catch {
            guard query.kind == .group, case .rateLimited(let seconds) = error.error else { throw error.error }
            memory.remember(limit, until: clock.uptime() &+ (seconds.map { Int64($0) * 1_000 } ?? Self.pause))
        }
        return try await inOurName(call)
    }

    // Not inlined: the call in the customer's name, for which thousands wait, need not keep room for this one.
    @inline(never)
    private func inOurName(_ call: RocketChatCall) async throws(ChatBackendError) -> RocketChatReply {
        do throws(RocketChatFailure) {
            return try await api.reply(to: call)
        } catch {
            throw error.error
        }
    }
}
