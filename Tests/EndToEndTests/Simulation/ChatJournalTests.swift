import TestSupport
import Testing

/// The judge is judged: a journal that keeps the capacity, and the same one with one event more or less that does not.
@Suite("Chat journal")
struct ChatJournalTests {
    private func overloads(_ journal: String, bob: Int = 1, eve: Int = 1) -> [String] {
        HandWrittenJournal(journal).replayed(["bob": bob, "eve": eve]).overloads
    }

    private let full = """
        100 open r1 ann bob
        200 open r2 cid
        300 add r2 bob
        """

    @Test("an agent may be full, and not have one room more")
    func capacity() {
        #expect(HandWrittenJournal(full).events.count == 3)
        #expect(overloads(full, bob: 2) == [])
        #expect(overloads(full, bob: 1) == ["event 3: bob has 2 rooms instead of 1, with r2"])
        #expect(overloads(full + "\n400 open d1 dan bob", bob: 2) == ["event 4: bob has 3 rooms instead of 2, with d1"])
    }

    @Test(
        "a place is free from the moment the room is gone, or another agent has it",
        arguments: [
            "250 delete r1", "250 archive r1", "250 remove r1 bob", "250 add r1 eve",
        ])
    func freed(event: String) {
        let journal = full.replacing("300 add", with: "\(event)\n300 add")
        #expect(overloads(journal) == [])
        // Too late: the other room came first.
        #expect(overloads("\(full)\n\(event.replacing("250", with: "350"))").count == 1)
    }

    @Test("a room that is handed over counts for the agent who came last")
    func handOver() {
        let journal = """
            100 open r1 ann bob
            200 add r1 eve
            300 remove r1 bob
            """
        #expect(overloads(journal) == [])
        // In the middle of it bob has a place, and eve has none.
        #expect(overloads(journal.replacing("300", with: "250 open r2 cid bob\n300")) == [])
        #expect(overloads(journal.replacing("300", with: "250 open r2 cid eve\n300")).count == 1)
    }

    @Test("a hand-over that is rolled back gives the room to the former agent again, who must have kept the place")
    func rollBack() {
        let journal = """
            100 open r1 ann bob
            200 add r1 eve
            300 remove r1 eve
            """
        #expect(overloads(journal) == [])
        let broken = journal.replacing("300", with: "250 open r2 cid bob\n300")
        #expect(overloads(broken) == ["event 4: bob has 2 rooms instead of 1, with r1"])
    }

    @Test("only agents are counted, and only for what they are in")
    func others() {
        let journal = """
            100 open r1 ann
            200 add r1 cid
            300 remove r1 bob
            400 delete r9
            500 add r9 bob
            600 presence ann away
            """
        let replayed = HandWrittenJournal(journal).replayed(["bob": 1])
        #expect(replayed.overloads == [])
        #expect(replayed.agents["bob"]?.map(\.rooms) == [0])
        #expect(replayed.rooms == ["r1": []])
    }

    @Test("who came into a room, who is left in it, and who was there are told with their times")
    func told() {
        let journal = """
            100 open r1 ann bob
            150 presence bob away
            200 add r1 eve
            300 remove r1 bob
            400 presence bob online
            500 open r2 cid
            """
        let replayed = HandWrittenJournal(journal).replayed(["bob": 1, "eve": 1])
        #expect(replayed.additions["r1"]?.map(\.agent) == ["bob", "eve"])
        #expect(replayed.additions["r1"]?.map(\.at) == [100, 200])
        #expect(replayed.rooms == ["r1": ["eve"], "r2": []])
        let rolledBack = HandWrittenJournal(journal.replacing("300 remove r1 bob", with: "300 remove r1 eve"))
        #expect(rolledBack.replayed(["bob": 1, "eve": 1]).additions["r1"]?.map(\.agent) == ["bob"])
        #expect(replayed.agents["bob"]?.map(\.at) == [0, 100, 150, 200, 400])
        #expect(replayed.agents["bob"]?.map(\.rooms) == [0, 1, 1, 0, 0])
        #expect(replayed.agents["bob"]?.map(\.isOnline) == [true, true, false, false, true])
        // Bob: 50 ms of 150 + 600 online; eve: 800 of 1,000.
        #expect(replayed.use(from: 0, to: 1_000) == Double(50 + 800) / Double(750 + 1_000))
    }
}
