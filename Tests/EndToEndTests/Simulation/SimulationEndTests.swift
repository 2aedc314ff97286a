import Testing

/// The judge is judged: an end that is right, and what is said when one thing of it is not.
@Suite("Simulation's end")
struct SimulationEndTests {
    /// r1 has bob; r2 and r3 wait; r4 waits with eve, who had it before a transfer.
    private func end(_ change: (inout SimulationEnd) -> Void = { _ in }) -> [String] {
        func room(_ rid: String, _ arrival: ClosedRange<Int64>? = nil) -> SimulationLog.OpenRoom {
            .init(rid: rid, token: "t", department: 0, arrival: arrival)
        }
        var end = SimulationEnd(
            agentsIn: ["r1": ["bob"], "r2": [], "r3": [], "r4": ["eve"]],
            answers: [
                .init(room: room("r1"), rid: "r1", agent: "bob"),
                .init(room: room("r3", 400...500), rid: "r3", wait: 2),
                .init(room: room("r2", 100...200), rid: "r2", wait: 1),
                .init(room: room("r4"), rid: "r4", wait: 3),
            ],
            counted: ["bob": 1, "eve": 1], agents: ["bob", "eve", "fay"])
        change(&end)
        return end.problems
    }

    @Test("every customer has an agent or a right place, and the counters are what is there: nothing is said")
    func right() { #expect(end() == []) }

    @Test("a customer whose room is gone, is another one or cannot be resumed")
    func lost() {
        #expect(end { $0.answers[0].rid = nil }.count == 1)
        #expect(end { $0.answers[0].rid = "r7" }.count == 1)
        // The room at the chat server is gone, the agent is counted for it still.
        #expect(end { $0.agentsIn["r1"] = nil }.count == 2)
        #expect(end { $0.agentsIn["r2"] = nil } == ["r2 waits with []"])
    }

    @Test("a customer who is told another agent than the one in the room, or has two, or none")
    func agents() {
        #expect(end { $0.answers[0].agent = "eve" }.count == 1)
        #expect(
            end {
                $0.agentsIn["r1"] = ["bob", "fay"]
                $0.counted["fay"] = 1
            }.count == 1)
        #expect(
            end {
                $0.agentsIn["r1"] = []
                $0.counted["bob"] = nil
            }.count == 1)
        #expect(
            end {
                $0.agentsIn["r4"] = ["eve", "fay"]
                $0.counted["fay"] = 1
            } == ["r4 waits with [\"eve\", \"fay\"]"])
    }

    @Test("places with a gap, or twice the same")
    func places() {
        #expect(end { $0.answers[3].wait = 4 } == ["the places in the queue of team0 are [1, 2, 4]"])
        #expect(end { $0.answers[1].wait = 1 } == ["the places in the queue of team0 are [1, 1, 3]"])
        #expect(end { $0.answers[3].room.department = 1 } == ["the places in the queue of team1 are [3]"])
    }

    @Test("places that are not in the order of arrival, where there is one")
    func order() {
        #expect(
            end {
                $0.answers[1].wait = 1
                $0.answers[2].wait = 2
            } == ["r3 came to team0 at 400...500 and stands before r2, who came at 100...200"])
        #expect(
            end {
                $0.answers[1].wait = 1
                $0.answers[1].room.arrival = 150...500
                $0.answers[2].wait = 2
            } == [])
    }

    @Test("rooms that nobody knows")
    func orphans() { #expect(end { $0.agentsIn["r9"] = [] } == ["rooms that nobody knows: [\"r9\"]"]) }

    @Test("a counter that is one too many, one too few, or not there")
    func counters() {
        #expect(end { $0.counted["bob"] = 2 } == ["bob is counted for 2 rooms and has 1"])
        #expect(end { $0.counted["bob"] = 0 } == ["bob is counted for 0 rooms and has 1"])
        #expect(end { $0.counted["eve"] = nil } == ["eve is counted for 0 rooms and has 1"])
        #expect(end { $0.counted["fay"] = 1 } == ["fay is counted for 1 rooms and has 0"])
    }
}
