@testable import Customers
import Testing

@Suite("Operation slots")
struct OperationSlotsTests {
    @Test("so many at once, and room for others beside those that start")
    func capacity() {
        var slots = OperationSlots(capacity: 8)
        for _ in 0..<7 {
            let isTaken = slots.begin(.anonymousStart)
            #expect(isTaken)
        }
        for kind in [OperationSlots.Kind.anonymousStart, .knownStart] {
            let isTaken = slots.begin(kind)
            #expect(!isTaken)
        }
        let others = [slots.begin(.other), slots.begin(.other)]
        #expect(others == [true, false])
        #expect(slots.running == 8 && slots.starting == 7)
    }

    @Test("a slot goes to those who prove who they are, then to the others in the order in which they came")
    func order() throws {
        var slots = OperationSlots(capacity: 8)
        for _ in 0..<7 { _ = slots.begin(.anonymousStart) }
        let line = [slots.wait(.anonymousStart), slots.wait(.anonymousStart), slots.wait(.knownStart)].compactMap {
            $0?.id
        }
        try #require(line.count == 3)
        let served = [slots.end(.anonymousStart), slots.end(.anonymousStart)]
        #expect(served == [[line[2]], [line[0]]])
        let given = [slots.giveUp(line[1]), slots.giveUp(line[1]), slots.giveUp(line[0])]
        #expect(given == [true, false, false])
        let nobody = slots.end(.anonymousStart)
        #expect(nobody == [])
        #expect(slots.running == 6 && slots.waitingCount == 0)
    }

    @Test("who comes later does not overtake who waits, and the line is not endless")
    func line() {
        var slots = OperationSlots(capacity: 8)
        for _ in 0..<8 { _ = slots.begin(.other) }
        var line: [Int?] = []
        for _ in 0..<9 { line.append(slots.wait(.other)?.id) }
        #expect(line.count { $0 != nil } == 8 && line.last == .some(nil))
        let served = slots.end(.other)
        #expect(served.count == 1)
        let isTaken = slots.begin(.other)
        #expect(!isTaken)
    }

    @Test("in a full line the last of the anonymous makes way for who is known, and for nobody else")
    func ousted() throws {
        var slots = OperationSlots(capacity: 8)
        for _ in 0..<7 { _ = slots.begin(.anonymousStart) }
        var line: [Int] = []
        for _ in 0..<8 {
            if let place = slots.wait(.anonymousStart) { line.append(place.id) }
        }
        let late = slots.wait(.anonymousStart)?.id
        #expect(late == nil)
        let place = slots.wait(.knownStart)
        let known = try #require(place)
        #expect(line.count == 8 && known.ousted == line.last && slots.waitingCount == 8)
        let served = slots.end(.anonymousStart)
        #expect(served == [known.id])
        for _ in 0..<8 { _ = slots.wait(.knownStart) }
        let full = slots.wait(.knownStart)?.id
        #expect(full == nil)
    }
}
