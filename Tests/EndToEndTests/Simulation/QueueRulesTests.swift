import TestSupport
import Testing

/// The judge is judged: a journal that keeps each rule of the queues, and the same one with one event changed that does
/// not.
@Suite("Queue rules")
struct QueueRulesTests {
    private func rules(
        _ journal: String, _ entries: [SimulationLog.Entry], teams: [Set<String>] = [["bob", "eve"]],
        end: Int64 = 60_000,
        lost: @escaping (Int64, Int64) -> Int64 = { _, _ in 0 }
    ) -> QueueRules {
        let capacity = ["bob": 1, "eve": 1]
        return QueueRules(
            journal: HandWrittenJournal(journal).replayed(capacity), entries: entries, teams: teams,
            capacity: capacity, lost: lost, end: end)
    }

    private func entry(
        _ rid: String, at sent: Int64, department: Int = 0, isWaiting: Bool = true, former: String? = nil,
        left: Int64? = nil
    ) -> SimulationLog.Entry {
        .init(
            rid: rid, department: department, sent: sent, answered: sent + 100, isWaiting: isWaiting, former: former,
            left: left)
    }

    // MARK: First come, first served

    private let inOrder = """
        1000 open r1 ann
        2000 open r2 cid
        9000 add r1 bob
        9500 add r2 eve
        """
    private var arrivals: [SimulationLog.Entry] { [entry("r1", at: 1_000), entry("r2", at: 2_000)] }
    private let outOfOrder = """
        1000 open r1 ann
        2000 open r2 cid
        9000 add r2 eve
        10101 add r1 bob
        """

    @Test("served in the order of arrival is right; the other way round is overtaking, who never waited or did")
    func order() {
        #expect(rules(inOrder, arrivals).overtakings(setbacks: []) == [])
        #expect(
            rules(outOfOrder, arrivals).overtakings(setbacks: []) == [
                "team0: r2, who called at 2000, was served at 9000; r1, who waited since 1100, not before 10101"
            ])
        let served = [entry("r1", at: 1_000), entry("r2", at: 2_000, isWaiting: false)]
        #expect(rules(outOfOrder, served).overtakings(setbacks: []).count == 1)
    }

    @Test("two who are given their agents within a second are not put in order, and not who called at the same time")
    func sameTime() {
        #expect(rules(outOfOrder.replacing("10101", with: "9999"), arrivals).overtakings(setbacks: []) == [])
        #expect(
            rules(outOfOrder, [entry("r1", at: 1_950), entry("r2", at: 2_000)]).overtakings(setbacks: []) == [])
    }

    @Test("whoever is never served was overtaken as well, unless they left")
    func neverServed() {
        let journal = outOfOrder.replacing("10101 add r1 bob", with: "10101 presence bob away")
        #expect(rules(journal, arrivals).overtakings(setbacks: []).count == 1)
        let left = [entry("r1", at: 1_000, left: 9_500), entry("r2", at: 2_000)]
        #expect(rules(journal, left).overtakings(setbacks: []) == [])
    }

    @Test("departments do not wait for each other, and nobody waits for the agent whom they come from")
    func others() {
        let elsewhere = [entry("r1", at: 1_000, department: 1), entry("r2", at: 2_000)]
        #expect(rules(outOfOrder, elsewhere, teams: [["eve"], ["bob"]]).overtakings(setbacks: []) == [])
        #expect(
            rules(outOfOrder, [entry("r1", at: 1_000, former: "eve"), arrivals[1]]).overtakings(setbacks: []) == [])
        #expect(
            rules(outOfOrder, [entry("r1", at: 1_000, former: "bob"), arrivals[1]]).overtakings(setbacks: []).count == 1
        )
    }

    @Test("a gateway that was killed while it served somebody is an excuse for five seconds")
    func killed() {
        #expect(rules(outOfOrder, arrivals).overtakings(setbacks: [8_900]) == [])
        #expect(rules(outOfOrder, arrivals).overtakings(setbacks: [3_900]).count == 1)
        #expect(rules(outOfOrder, arrivals).overtakings(setbacks: [10_200]).count == 1)
        let late = outOfOrder.replacing("10101", with: "14001")
        #expect(rules(late, arrivals).overtakings(setbacks: [8_900]).count == 1)
    }

    @Test("time that was lost to all is an excuse for as long")
    func lostTime() {
        #expect(rules(outOfOrder, arrivals, lost: { _, _ in 101 }).overtakings(setbacks: []) == [])
        #expect(rules(outOfOrder, arrivals, lost: { _, _ in 100 }).overtakings(setbacks: []).count == 1)
    }

    @Test("who was served in the line that they were leaving has overtaken nobody in the one they came to")
    func betweenLines() {
        let teams: [Set<String>] = [["bob", "eve"], ["eve"]]
        var other = entry("r2", at: 8_950)
        #expect(rules(outOfOrder, [arrivals[0], other], teams: teams).overtakings(setbacks: []).count == 1)
        other.formerDepartment = 1
        #expect(rules(outOfOrder, [arrivals[0], other], teams: teams).overtakings(setbacks: []) == [])
        // Not by somebody of that line, or after the call.
        #expect(
            rules(outOfOrder, [arrivals[0], other], teams: [teams[0], ["bob"]]).overtakings(setbacks: []).count == 1)
        let later = outOfOrder.replacing("9000", with: "9051").replacing("10101", with: "10200")
        #expect(rules(later, [arrivals[0], other], teams: teams).overtakings(setbacks: []).count == 1)
    }

    @Test("who is taken out again was not served, and has overtaken nobody")
    func rolledBack() {
        #expect(rules(outOfOrder + "\n10200 remove r2 eve", arrivals).overtakings(setbacks: []) == [])
        #expect(rules(outOfOrder + "\n10200 remove r1 bob", arrivals).overtakings(setbacks: []).count == 1)
    }

    // MARK: Five seconds

    private let prompt = """
        0 presence eve away
        500 open r9 dan bob
        1000 open r1 ann
        4000 delete r9
        9000 add r1 bob
        """

    @Test("five seconds after an agent became free their customer has them; a millisecond later is too late")
    func fiveSeconds() {
        let waiting = [entry("r1", at: 1_000)]
        #expect(rules(prompt, waiting).neglected() == [])
        #expect(
            rules(prompt.replacing("9000", with: "9001"), waiting).neglected() == [
                "team0: r1 waited 5001 ms from 4000 while bob was free (0 ms were lost to all)"
            ])
        #expect(rules(prompt.replacing("4000", with: "3999"), waiting).neglected().count == 1)
        #expect(rules(prompt.replacing("4000", with: "3999"), waiting, lost: { _, _ in 1 }).neglected() == [])
    }

    @Test("nobody else's agent, no former one and no one who is away is owed")
    func notOwed() {
        let late = prompt.replacing("9000", with: "20000")
        #expect(rules(late, [entry("r1", at: 1_000)]).neglected().count == 1)
        #expect(rules(late, [entry("r1", at: 1_000)], teams: [["eve"], ["bob"]]).neglected() == [])
        #expect(rules(late, [entry("r1", at: 1_000, former: "bob")]).neglected() == [])
        #expect(rules(late, [entry("r1", at: 1_000, left: 8_000)]).neglected() == [])
        #expect(
            rules(late.replacing("20000", with: "5000 presence bob busy\n20000"), [entry("r1", at: 1_000)])
                .neglected() == [])
    }

    @Test("the clock starts when the customer is told to wait, or when the agent comes online")
    func start() {
        let idle = "1000 open r1 ann\n6101 add r1 bob"
        #expect(rules(idle, [entry("r1", at: 1_000)]).neglected().count == 2)
        #expect(rules(idle, [entry("r1", at: 1_001)]).neglected() == [])
        let back = """
            0 presence bob away
            0 presence eve away
            1000 open r1 ann
            2000 presence bob online
            7000 add r1 bob
            """
        #expect(rules(back, [entry("r1", at: 1_000)]).neglected() == [])
        #expect(rules(back.replacing("7000", with: "7001"), [entry("r1", at: 1_000)]).neglected().count == 1)
    }

    @Test("whoever waits at the end beside a free agent is neglected too")
    func atTheEnd() {
        let journal = "0 presence eve away\n1000 open r1 ann"
        #expect(rules(journal, [entry("r1", at: 1_000)], end: 6_100).neglected() == [])
        #expect(rules(journal, [entry("r1", at: 1_000)], end: 6_101).neglected().count == 1)
    }
}
