/// Who may be at work with the chat server, who waits for a turn, and in which order: a value, with no time and no
/// thread in it.
struct OperationSlots {
    /// What an operation is.
    enum Kind: CaseIterable {
        /// A room is made for somebody who proves nothing.
        case anonymousStart
        /// A room is made for a customer who proves to be one, or for the tenant's own server.
        case knownStart
        /// History, transfers: of rooms that there are.
        case other

        var isStart: Bool { self != .other }
    }

    /// Operations at once, and how many of them may be starts: those take longest, and must leave room for the others.
    let capacity: Int
    let startCapacity: Int

    private(set) var running = 0
    private(set) var starting = 0
    private var waiting: [(id: Int, kind: Kind)] = []
    private var nextID = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
        startCapacity = max(1, self.capacity - self.capacity / 8)
    }

    /// How many wait.
    var waitingCount: Int { waiting.count }

    private func hasRoom(for kind: Kind) -> Bool {
        running < capacity && (!kind.isStart || starting < startCapacity)
    }

    private mutating func take(_ kind: Kind) {
        running += 1
        if kind.isStart { starting += 1 }
    }

    /// Takes a slot now; false when there is none, or others wait who come first.
    mutating func begin(_ kind: Kind) -> Bool {
        guard hasRoom(for: kind), !waiting.contains(where: { $0.kind == kind }) else { return false }
        take(kind)
        return true
    }

    /// So many may wait, whatever the capacity: they are walked over.
    private static let longestLine = 1_024

    /// Gets in line; nil when the line is as long as everything at work.
    ///
    /// From a full line the last of the anonymous is ousted for anybody else: many strangers must not keep out who is
    /// known.
    mutating func wait(_ kind: Kind) -> (id: Int, ousted: Int?)? {
        var ousted: Int?
        if waiting.count >= min(capacity, Self.longestLine) {
            guard kind != .anonymousStart, let index = waiting.lastIndex(where: { $0.kind == .anonymousStart })
            else { return nil }
            ousted = waiting.remove(at: index).id
        }
        nextID += 1
        waiting.append((nextID, kind))
        return (nextID, ousted)
    }

    /// Leaves the line; false when it was served already.
    mutating func giveUp(_ id: Int) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// Gives a slot back; those are returned who have one now, the known before the anonymous, else first come first
    /// served.
    mutating func end(_ kind: Kind) -> [Int] {
        running -= 1
        if kind.isStart { starting -= 1 }
        var served: [Int] = []
        for kind in [Kind.other, .knownStart, .anonymousStart] {
            while hasRoom(for: kind), let index = waiting.firstIndex(where: { $0.kind == kind }) {
                served.append(waiting.remove(at: index).id)
                take(kind)
            }
        }
        return served
    }
}
