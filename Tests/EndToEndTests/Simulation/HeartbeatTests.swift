import Testing

/// What the simulation takes for an excuse must be one.
@Suite("Heartbeat")
struct HeartbeatTests {
    @Test("a beat that takes no longer than usual loses nothing; what it takes longer is lost, and only where it was")
    func lost() {
        let heartbeat = Heartbeat()
        heartbeat.beat(from: 0, to: 70)
        #expect(heartbeat.lost(from: 0, to: 1_000) == 0)
        heartbeat.beat(from: 1_000, to: 1_570)
        #expect(heartbeat.lost(from: 0, to: 2_000) == 500)
        #expect(heartbeat.lost(from: 0, to: 1_000) == 0)
        #expect(heartbeat.lost(from: 1_570, to: 2_000) == 0)
        // No more than there is of the beat in the span.
        #expect(heartbeat.lost(from: 1_470, to: 2_000) == 100)
        heartbeat.beat(from: 1_570, to: 1_740)
        #expect(heartbeat.lost(from: 0, to: 2_000) == 600)
        #expect(heartbeat.standstills == [1_570])
        heartbeat.beat(from: 2_000, to: 2_249)
        heartbeat.beat(from: 3_000, to: 3_250)
        #expect(heartbeat.standstills == [1_570, 3_250])
    }
}
