/// Transfers that wait for their turn, first come, first served. Taking one out of the middle leaves a gap that is
/// skipped later, so that every operation takes constant time.
struct HTTPTransferQueue {
    private var slots: [HTTPTransfer?] = []
    private var start = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// The one whose turn is next.
    var first: HTTPTransfer? {
        mutating get {
            while start < slots.count, slots[start]?.phase != .waiting {
                slots[start] = nil
                start += 1
            }
            if start == slots.count {
                slots.removeAll(keepingCapacity: count > 0)
                start = 0
            }
            return start < slots.count ? slots[start] : nil
        }
    }

    mutating func append(_ transfer: HTTPTransfer) {
        slots.append(transfer)
        count += 1
    }

    mutating func popFirst() -> HTTPTransfer? {
        guard let transfer = first else { return nil }
        slots[start] = nil
        start += 1
        count -= 1
        if start == slots.count {
            slots.removeAll(keepingCapacity: slots.capacity <= 1_024)
            start = 0
        } else if start > 1_024, start > slots.count / 2 {
            slots.removeFirst(start)
            start = 0
        }
        return transfer
    }

    /// Takes one out whose phase is about to change from `waiting`.
    mutating func remove(_ transfer: HTTPTransfer) {
        count -= 1
    }
}
