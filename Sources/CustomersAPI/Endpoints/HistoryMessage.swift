import ChatBackend
import Customers
import HTTPMessage

/// `GET /customers/history_message`: a page of a room's messages, newest first.
struct HistoryMessage {
    let authorization: Authorization
    let crossOrigin: CrossOrigin
    let read: ReadHistory

    func callAsFunction(_ request: HTTPRequest) async throws -> HTTPResponse {
        let authorized = try await authorization.caller(request)
        try crossOrigin.check(request, tenant: authorized.tenant)
        let asked = try Self.asked(request)
        let page = try await read(
            caller: authorized.caller, rid: asked.rid, count: asked.count, position: asked.position,
            includesSystemMessages: asked.includesSystemMessages)
        return Self.answer(page, asked)
    }

    /// What a request asks for.
    private struct Asked {
        var rid: String
        var count: Int
        var position: HistoryQuery.Position
        var includesSystemMessages: Bool
    }

    // Not inlined, both: what they work with is not kept while the chat server is waited for.
    @inline(never)
    private static func asked(_ request: HTTPRequest) throws -> Asked {
        var parameters = try Parameters(request)
        let rid = parameters.room("room_id")
        let count = parameters.positive("count", default: 20)
        let position = position(&parameters)
        let includesSystemMessages = parameters.flag("system")
        try parameters.check()
        return Asked(rid: rid, count: count, position: position, includesSystemMessages: includesSystemMessages)
    }

    @inline(never)
    private static func answer(_ page: HistoryPage, _ asked: Asked) -> HTTPResponse {
        .json([
            "status": "success", "room_id": .string(asked.rid), "messages": .array(page.messages.map { .raw($0) }),
            "has_more": .bool(page.hasMore), "next": next(page, asked.position),
        ])
    }

    private static func position(_ parameters: inout Parameters) -> HistoryQuery.Position {
        switch (parameters.text("before"), parameters.text("after")) {
        case (nil, nil): return .latest
        case (let cursor?, nil): return .before(cursor)
        case (nil, let cursor?): return .after(cursor)
        case (_?, _?):
            parameters.reject("after", "not together with before")
            return .latest
        }
    }

    /// Back in time `next` ends with the first message; forward it stays, to ask again later from the same place.
    private static func next(_ page: HistoryPage, _ position: HistoryQuery.Position) -> JSONValue {
        if case .after(let cursor) = position { return .string(page.next ?? cursor) }
        guard page.hasMore, let next = page.next else { return .null }
        return .string(next)
    }
}
