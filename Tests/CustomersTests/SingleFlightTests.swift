@testable import Customers
import Testing
import TestSupport

@Suite("Single flight")
struct SingleFlightTests {
    private func customer(_ fixture: DomainFixture) -> CustomerHash {
        CustomerHash(tenant: fixture.tenant.id, hash: "h")
    }

    @Test("a lock that nobody gives back makes the next call give up after 15 s")
    func busy() async throws {
        let fixture = try DomainFixture()
        _ = try await fixture.stores.lock(customer(fixture))
        let start = fixture.clock.now
        await #expect(throws: CustomersError.busy) {
            try await SingleFlight(services: fixture.services).run(
                for: customer(fixture), ready: { nil as Int? }, work: { _ in 1 })
        }
        #expect((15_000...15_100).contains(fixture.clock.now - start))
    }

    @Test("what the other call left may be all that this one wants")
    func ready() async throws {
        let fixture = try DomainFixture()
        _ = try await fixture.stores.lock(customer(fixture))
        let value = try await SingleFlight(services: fixture.services).run(
            for: customer(fixture), ready: { 7 }, work: { _ in 1 })
        #expect(value == 7)
    }

    @Test("a lock is kept up while the work takes its time, and not a moment longer")
    func keptUp() async throws {
        var fixture = try DomainFixture()
        fixture.services = fixture.services.with(pause: { _ in
            try Task.checkCancellation()
            await Task.yield()
        })
        let stores = fixture.stores
        let flight = SingleFlight(services: fixture.services)
        try await flight.run(for: customer(fixture), ready: { nil as Void? }) { _ in
            while stores.calls.count(where: { $0 == "keepLock" }) < 3 { await Task.yield() }
        }
        let calls = stores.calls.count
        for _ in 0..<100 { await Task.yield() }
        #expect(stores.calls.count == calls)
    }

    @Test("nothing is made under a lock that has run out, as after a stall: another call may have it")
    func lapsed() async throws {
        let fixture = try DomainFixture()
        var opening: Opening? = Opening(directRoomOf: customer(fixture))
        let now = ContinuousClock.now
        opening?.lock = CustomerLock(fence: "mine", since: now - CustomerLock.lifetime) { now }
        await #expect(throws: CustomersError.busy) {
            try await opening.making { Issue.record("made all the same") }
        }
        #expect(opening?.mayHaveLeft == false)
        opening?.lock = CustomerLock(fence: "mine", since: now) { now }
        #expect(try await opening.making { 1 } == 1)
    }

    @Test("a lock that was kept up lasts on from when that was asked for; one that had run out by then stays lost")
    func lifetime() {
        let begun = ContinuousClock.now
        let elapsed = WaitableState(Duration.zero)
        let lock = CustomerLock(fence: "mine", since: begun) { begun + elapsed.now }
        elapsed.change { $0 = .seconds(3) }
        #expect(lock.isHeld())
        lock.keptUp(since: begun + .seconds(2))
        elapsed.change { $0 = .seconds(5) }
        #expect(lock.isHeld())
        elapsed.change { $0 = .seconds(7) }
        lock.keptUp(since: begun + .seconds(5))
        #expect(!lock.isHeld())
        elapsed.change { $0 = .zero }
        #expect(!lock.isHeld())
    }

    @Test("work that throws, and a lock that cannot be given back, keep their own outcome")
    func outcome() async throws {
        let fixture = try DomainFixture()
        let flight = SingleFlight(services: fixture.services)
        await #expect(throws: CustomersError.noAgent) {
            try await flight.run(
                for: customer(fixture), ready: { nil as Int? }, work: { _ in throw CustomersError.noAgent })
        }
        #expect(fixture.stores.areAllUnlocked)
        fixture.stores.fail("unlock")
        #expect(try await flight.run(for: customer(fixture), ready: { nil }, work: { _ in 3 }) == 3)
    }
}
