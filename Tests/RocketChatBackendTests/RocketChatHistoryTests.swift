import ChatBackend
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("History")
struct RocketChatHistoryTests {
    private static func message(_ id: String, _ time: String = "2026-11-01T23:20:57.357Z", _ extra: String = "")
        -> String
    {
        #"{"_id":"\#(id)","rid":"r1","msg":"hello","ts":"\#(time)","u":{"_id":"u","username":"cust-42"}\#(extra)}"#
    }

    private static func page(_ messages: [String]) -> ScriptedHTTPAnswer {
        .json(#"{"messages":[\#(messages.joined(separator: ","))],"success":true}"#)
    }

    private static let three: ScriptedRocketChat.Route = { request, _ in
        page(request.parameter("offset") == "0" ? [message("c"), message("b"), message("a")] : [])
    }

    private func history(
        _ chat: ScriptedRocketChat, kind: RoomKind = .group, credential: CustomerCredential? = credential,
        position: HistoryQuery.Position = .latest
    ) async -> Result<HistoryPage, ChatBackendError> {
        do throws(ChatBackendError) {
            return .success(
                try await chat.backend.history(
                    HistoryQuery(rid: "r1", kind: kind, credential: credential, count: 2, position: position)))
        } catch {
            return .failure(error)
        }
    }

    private func failure(_ result: Result<HistoryPage, ChatBackendError>) -> ChatBackendError? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test(
        "each kind of room has its route, read with the customer's token",
        arguments: [
            (RoomKind.group, "groups.history"), (.direct, "im.history"),
        ])
    func route(kind: RoomKind, route: String) async throws {
        let chat = try ScriptedRocketChat([route: Self.three])
        let page = try await history(chat, kind: kind).get()
        #expect(page.messages.count == 2)
        #expect(page.hasMore)
        let request = try #require(chat.server.requests.first)
        #expect(request.headers["x-auth-token"] == "customerToken")
        #expect(request.parameter("roomId") == "r1")
        #expect(request.parameter("inclusive") == "true")
        #expect(request.parameter("latest") == nil)
    }

    @Test("messages keep all their keys and numbers, sorted")
    func passThrough() async throws {
        let extra =
            #","file":{"size":12345678901234567,"_id":"f"},"score":1.5,"#
            + #""md":[{"type":"PARAGRAPH","value":[]}],"zz":null,"t":null"#
        let chat = try ScriptedRocketChat([
            "groups.history": { _, number in
                Self.page(number == 0 ? [Self.message("a", "2026-11-01T23:20:57.357Z", extra)] : [])
            }
        ])
        let page = try await history(chat).get()
        #expect(
            page.messages.map { String(decoding: $0, as: UTF8.self) } == [
                #"{"_id":"a","file":{"_id":"f","size":12345678901234567},"md":[{"type":"PARAGRAPH","value":[]}],"#
                    + #""msg":"hello","rid":"r1","score":1.5,"t":null,"#
                    + #""ts":"2026-11-01T23:20:57.357Z","u":{"_id":"u","username":"cust-42"},"zz":null}"#
            ])
        #expect(!page.hasMore)
    }

    @Test("the window starts at the cursor's time, inclusive")
    func cursor() async throws {
        let chat = try ScriptedRocketChat(["groups.history": Self.three])
        let cursor = HistoryCursor.encode(HistoryPosition(time: 1_793_575_257_357, id: "b"))
        let before = try await history(chat, position: .before(cursor)).get()
        #expect(before.messages.count == 1)
        #expect(chat.server.requests.first?.parameter("latest") == "2026-11-01T23:20:57.357Z")
        let after = try await history(chat, position: .after(cursor)).get()
        #expect(after.messages.count == 1)
        #expect(chat.server.requests.last?.parameter("oldest") == "2026-11-01T23:20:57.357Z")
    }

    @Test(
        "a bad cursor is refused before the server is asked",
        arguments: [HistoryQuery.Position.before("x"), .after("")])
    func badCursor(position: HistoryQuery.Position) async throws {
        let chat = try ScriptedRocketChat([:])
        #expect(failure(await history(chat, position: position)) == .invalidCursor)
        #expect(chat.routes.isEmpty)
    }

    @Test("a group is read by the service account while the customers' calls are limited")
    func limitedGroup() async throws {
        let chat = try ScriptedRocketChat([
            "groups.history": { request, number in
                request.headers["x-auth-token"] == "customerToken" ? Answer.limited : Self.three(request, number)
            }
        ])
        #expect(try await history(chat).get().messages.count == 2)
        _ = try await history(chat).get()
        let byCustomer = { chat.server.requests.count { $0.headers["x-auth-token"] == "customerToken" } }
        #expect(byCustomer() == 1)
        chat.turn(seconds: 43)
        _ = try await history(chat).get()
        #expect(byCustomer() == 2)
    }

    @Test("nobody but a member reads a direct room: the limit is told")
    func limitedDirect() async throws {
        let chat = try ScriptedRocketChat(["im.history": { _, _ in Answer.limited }])
        #expect(failure(await history(chat, kind: .direct)) == .rateLimited(retryAfter: 42))
        #expect(chat.routes.count == 1)
    }

    @Test("without a customer's token the service account reads")
    func service() async throws {
        let chat = try ScriptedRocketChat(["groups.history": Self.three])
        _ = try await history(chat, credential: nil).get()
        #expect(chat.server.requests.first?.headers["x-auth-token"] == "svcToken")
    }

    @Test(
        "failures keep their meaning",
        arguments: [
            (Answer.unauthorized, ChatBackendError.refused(code: "token")),
            (Answer.error("unauthorized", status: 403), .refused(code: "unauthorized")),
            (Answer.roomNotFound, .notFound),
            (.json(#"{"success":true}"#), .contract("groups.history: no messages")),
            (.json(#"{"messages":[{"_id":"a"}]}"#), .contract("groups.history: a message without _id or ts")),
            (
                .json(#"{"messages":[{"ts":"2026-11-01T23:20:57.357Z"}]}"#),
                .contract("groups.history: a message without _id or ts")
            ),
        ])
    func failures(answer: ScriptedHTTPAnswer, error: ChatBackendError) async throws {
        let chat = try ScriptedRocketChat(["groups.history": { _, _ in answer }])
        #expect(failure(await history(chat)) == error)
    }

    @Test(
        "one message of another room spoils the page, in whatever way the page is read",
        arguments: [#""r2""#, #""R1""#, #""""#, "null", "7", #"["r1"]"#], ["", #","\u006b":1"#])
    func otherRoom(room: String, extra: String) async throws {
        let foreign = #"{"_id":"z","rid":\#(room),"msg":"secret","ts":"2026-11-01T23:20:57.357Z"\#(extra)}"#
        for (route, kind) in [("groups.history", RoomKind.group), ("im.history", .direct)] {
            let chat = try ScriptedRocketChat([
                route: { _, _ in Self.page([Self.message("b"), foreign, Self.message("a")]) }
            ])
            #expect(failure(await history(chat, kind: kind)) == .contract("\(route): a message of another room"))
        }
    }

    @Test("a room's id may be spelled with escapes", arguments: ["", #","\u006b":1"#])
    func spelledRoom(extra: String) async throws {
        let message = #"{"_id":"z","rid":"\u00721","msg":"hello","ts":"2026-11-01T23:20:57.357Z"\#(extra)}"#
        let chat = try ScriptedRocketChat(["groups.history": { _, number in Self.page(number == 0 ? [message] : []) }])
        #expect(try await history(chat).get().messages.count == 1)
    }

    @Test("a server that gives the same page for ever does not hold the call for ever")
    func endless() async throws {
        let chat = try ScriptedRocketChat([
            "groups.history": { _, _ in
                Self.page((0..<30).map { Self.message("n\($0)", "2026-11-01T23:20:57.357Z", #","t":"uj""#) })
            }
        ])
        #expect(failure(await history(chat)) == .contract("history: no end"))
    }

    @Test("a server that caps pages without saying so loses nothing")
    func capped() async throws {
        let all = (0..<30).map { Self.message("m\($0 + 10)", "2026-11-01T23:20:\($0 + 10).000Z") }.reversed()
        let chat = try ScriptedRocketChat([
            "im.history": { request, _ in
                let latest = request.parameter("latest")
                let offset = Int(request.parameter("offset") ?? "") ?? 0
                let inside = all.filter { message in latest.map { Self.time(message) <= $0 } ?? true }
                return Self.page(Array(inside.dropFirst(offset).prefix(5)))
            }
        ])
        var ids: [String] = []
        var position = HistoryQuery.Position.latest
        while true {
            let page = try await history(chat, kind: .direct, position: position).get()
            ids += page.messages.compactMap {
                String(decoding: $0, as: UTF8.self).firstMatch(of: /m\d\d/).map { String($0.output) }
            }
            guard page.hasMore else { break }
            position = .before(try #require(page.next))
        }
        #expect(ids == (10..<40).reversed().map { "m\($0)" })
    }

    @Test("messages too long for one reply together are read in parts")
    func longMessages() async throws {
        let long = #","md":"\#(String(repeating: "x", count: 400_000))""#
        let all = (0..<14).map { Self.message("m\($0 + 10)", "2026-11-01T23:20:\($0 + 10).000Z", long) }.reversed()
        let chat = try ScriptedRocketChat([
            "groups.history": { request, _ in
                let offset = Int(request.parameter("offset") ?? "") ?? 0
                let count = Int(request.parameter("count") ?? "") ?? 0
                return Self.page(Array(all.dropFirst(offset).prefix(count)))
            }
        ])
        let page = try await history(chat).get()
        #expect(page.messages.count == 2)
        #expect(page.hasMore)
        #expect(chat.server.requests.map { $0.parameter("count") } == ["12", "6", "6"])
    }

    @Test("pages that are kept until their rest has come share a budget, beyond 32 KiB each, and give it back")
    func heldPages() async throws {
        let long = #","md":"\#(String(repeating: "x", count: 20_000))""#
        let all = (0..<4).map { Self.message("m\($0 + 10)", "2026-11-01T23:20:\($0 + 10).000Z", long) }.reversed()
        for (bytes, isEnough) in [(30_000, false), (60_000, true)] {
            let chat = try ScriptedRocketChat(
                [
                    "groups.history": { request, _ in
                        let offset = Int(request.parameter("offset") ?? "") ?? 0
                        return Self.page(Array(all.dropFirst(offset).prefix(2)))
                    }
                ], heldPages: bytes)
            for _ in 0..<2 {
                let result = await history(chat)
                if isEnough {
                    #expect(try result.get().messages.count == 2)
                } else {
                    #expect(failure(result) == .unavailable("too many long pages at once", mayHaveRun: false))
                }
            }
        }
    }

    @Test("one message longer than a reply may be is an error, and not asked for again and again")
    func endlessMessage() async throws {
        let chat = try ScriptedRocketChat([
            "groups.history": { _, _ in
                .json(#"{"messages":["\#(String(repeating: "x", count: 5_000_000))"]}"#)
            }
        ])
        #expect(failure(await history(chat)) == .contract("reply too large"))
        #expect(chat.server.requests.map { $0.parameter("count") } == ["12", "6", "3", "1"])
    }

    private static func time(_ message: String) -> String {
        message.firstMatch(of: /"ts":"([^"]*)"/).map { String($0.output.1) } ?? ""
    }
}
