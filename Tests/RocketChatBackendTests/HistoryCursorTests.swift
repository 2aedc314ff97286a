import ChatBackend
import Testing

@testable import RocketChatBackend

@Suite("History cursor")
struct HistoryCursorTests {
    @Test(
        "a position survives the way to the client and back",
        arguments: ["a", "ab", "abc", "652dc4dda2f73c7460e18df8", "ü.-_~"])
    func roundTrip(id: String) throws {
        for time in [0, 1, 1_762_039_257_357, 253_402_300_799_999] as [Int64] {
            let position = HistoryPosition(time: time, id: id)
            let cursor = HistoryCursor.encode(position)
            #expect(try HistoryCursor.decode(cursor) == position)
            #expect(cursor.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        }
    }

    @Test("the spelling is fixed: clients keep cursors across updates")
    func spelling() {
        #expect(HistoryCursor.encode(HistoryPosition(time: 1, id: "x")) == "MS54")
    }

    @Test(
        "anything else is an invalid cursor",
        arguments: [
            "", "x", "MS5", "MS54=", "MS54 ", "MS55%", "bm8", "LnhZ", "MS4", "LTEueA", "KzEueA", "MDEueA", "MS4AAA",
            String(repeating: "A", count: 300), "MS5\u{e9}", "MS/4", "MQ", "MS54\n",
        ])
    func invalid(cursor: String) {
        #expect(throws: ChatBackendError.invalidCursor) { try HistoryCursor.decode(cursor) }
    }

    @Test("times of messages are read and written to the millisecond")
    func times() {
        let times: [(String, Int64)] = [
            ("1970-01-01T00:00:00.000Z", 0), ("2026-11-01T23:20:57.357Z", 1_793_575_257_357),
            ("2024-02-29T12:00:00.001Z", 1_709_208_000_001), ("2000-03-01T00:00:00.000Z", 951_868_800_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("1970-12-31T23:59:59.010Z", 31_535_999_010),
        ]
        for (text, milliseconds) in times {
            #expect(MessageTime.milliseconds(iso: text) == milliseconds)
            #expect(MessageTime.iso(milliseconds) == text)
        }
        #expect(MessageTime.milliseconds(iso: "2026-11-01T23:20:57Z") == 1_793_575_257_000)
        #expect(MessageTime.milliseconds(iso: "2026-11-01T23:20:57.3Z") == 1_793_575_257_300)
        #expect(MessageTime.milliseconds(iso: "2026-11-01T23:20:57.357123Z") == 1_793_575_257_357)
    }

    @Test(
        "what is no such time is none",
        arguments: [
            "", "now", "2026-11-01", "2026-11-01T23:20:57.357", "2026-11-01T23:20:57.357+01:00",
            "2026-13-01T23:20:57.357Z",
            "2026-11-01T24:20:57.357Z", "2026-11-01T23:20:57.Z", "2026-11-01 23:20:57.357Z", "+026-11-01T23:20:57.357Z",
            "2026-11-01T23:20:57.3x7Z", "2026-00-01T23:20:57.357Z",
        ])
    func badTimes(text: String) {
        #expect(MessageTime.milliseconds(iso: text) == nil)
    }
}
