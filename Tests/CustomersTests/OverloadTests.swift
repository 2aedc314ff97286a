import ChatBackend
@testable import Customers
import Synchronization
import Testing
import TestSupport

@Suite("Overload")
struct OverloadTests {
    /// Eight turns, a delay and alarms that a test decides about.
    private struct World {
        var fixture: DomainFixture
        let overload: Overload
        let delay = WaitableState<Int64>(0)
        let alarms = WaitableState<Int>(0)
        let rings = WaitableState(false)

        init() throws {
            fixture = try DomainFixture(sales: ["anna": 99])
            let (clock, delay, alarms, rings) = (fixture.clock, delay, alarms, rings)
            overload = Overload(
                capacity: 8, executor: nil, delay: { delay.now }, uptime: { clock.now },
                sleep: { _ in
                    alarms.change { $0 += 1 }
                    _ = try await rings.wait(for: "the alarm") { $0 ? true : nil }
                })
            fixture.services = fixture.services.with(overload: overload)
        }

        func set(_ milliseconds: Int64) { delay.change { $0 = milliseconds } }
    }

    @Test("what does not get a turn in time is turned away with nothing done; what needs none is answered all the same")
    func turns() async throws {
        let world = try World()
        let fixture = world.fixture
        let known = try await fixture.start("bob")
        fixture.chat.hold(.openGroup)
        let running = (0..<7).map { number in Task { try await fixture.start("ann-\(number)") } }
        try await fixture.chat.waitFor(.openGroup, count: 8)
        let late = Task { try await fixture.start("late") }
        _ = try await world.alarms.wait(for: "somebody waits") { $0 > 0 ? true : nil }
        #expect(world.overload.counts == (7, 1))
        // A resume and a history need no room made.
        #expect(try await fixture.start("bob").session.rid == known.session.rid)
        _ = try await fixture.read(known.session.rid)
        world.rings.change { $0 = true }
        await #expect(throws: CustomersError.overloaded) { try await late.value }
        #expect(!fixture.chat.usernames.contains { $0.hasPrefix("late") })
        fixture.chat.letGo(.openGroup)
        for task in running { _ = try await task.value }
        #expect(world.overload.counts == (0, 0))
        _ = try await fixture.start("late")
    }

    @Test("whoever waits is served when a turn is free")
    func served() async throws {
        let world = try World()
        let fixture = world.fixture
        fixture.chat.hold(.openGroup)
        let running = (0..<7).map { number in Task { try await fixture.start("ann-\(number)") } }
        try await fixture.chat.waitFor(.openGroup, count: 7)
        let late = Task { try await fixture.start("late") }
        _ = try await world.alarms.wait(for: "somebody waits") { $0 > 0 ? true : nil }
        fixture.chat.letGo(.openGroup)
        for task in running { _ = try await task.value }
        #expect(try await late.value.session.state == .assigned)
        world.rings.change { $0 = true }
        #expect(world.overload.counts == (0, 0))
    }

    @Test("while everything waits too long, strangers are turned away before those who prove who they are")
    func delay() async throws {
        let world = try World()
        world.set(150)
        func tries(_ body: () async throws -> Void) async -> Int {
            var refused = 0
            for _ in 0..<20 {
                do { try await body() } catch CustomersError.overloaded { refused += 1 } catch {}
                world.fixture.clock.advance(milliseconds: 50)
            }
            return refused
        }
        let numbers = Atomic(0)
        let fixture = world.fixture
        let anonymous = await tries {
            _ = try await fixture.start("x\(numbers.wrappingAdd(1, ordering: .relaxed).newValue)")
        }
        #expect(anonymous >= 9)
        let known = await tries {
            _ = try await fixture.connect("x\(numbers.wrappingAdd(1, ordering: .relaxed).newValue)")
        }
        #expect(known == 0)
        world.set(500)
        #expect(
            await tries { _ = try await fixture.connect("y\(numbers.wrappingAdd(1, ordering: .relaxed).newValue)") } > 0
        )
        world.set(0)
        #expect(
            await tries { _ = try await fixture.start("z\(numbers.wrappingAdd(1, ordering: .relaxed).newValue)") } == 0)
    }
}
