import ChatBackend

/// What a call is about to make at the chat server: an account, a room.
///
/// It is noted with the customer's lock. When the gateway dies before the room's record is written, or the call fails
/// at a moment when nobody can say what it left, the sweep finds the note and looks (``SweepRule/opening``).
public struct Opening: Sendable {
    /// The customer.
    public var customer: CustomerHash
    /// Which of the customer's rooms.
    public var slot: RoomSlot
    /// What the account's name is made of; nil for a customer who is stored already.
    public var key: CustomerKey?
    /// The chat server's name of the group; empty for a direct room.
    public var groupName: String
    /// Whether something may be at the chat server that is not stored.
    var mayHaveLeft = false
    /// Whether that may be a room, with the agent in it who was taken for it: they stay counted until the sweep has
    /// looked.
    var mayHaveRoom = false
    /// The customer's lock, once the call has it.
    var lock: CustomerLock?

    /// A customer's group with a department.
    init(group name: String, of key: CustomerKey, with department: DepartmentID) {
        (customer, slot, self.key, groupName) = (key.stored, .department(department), key, name)
    }

    /// A customer's direct room.
    init(directRoomOf customer: CustomerHash, key: CustomerKey? = nil) {
        (self.customer, slot, self.key, groupName) = (customer, .direct, key, "")
    }
}

extension Opening? {
    /// Makes something at the chat server, a room or an account, and keeps in mind whether it may be there.
    ///
    /// - Returns: what `make` returns.
    /// - Throws: ``CustomersError/busy`` when the lock has run out: another call may be making the same, and somebody
    ///   else may have the agent's slot by now. Else what `make` throws.
    mutating func making<Value>(isRoom: Bool = false, _ make: () async throws -> Value) async throws -> Value {
        guard self?.lock?.isHeld() != false else { throw CustomersError.busy }
        do {
            let made = try await make()
            noteTrace(ofRoom: isRoom)
            return made
        } catch {
            if (error as? ChatBackendError)?.mayHaveRun != false { noteTrace(ofRoom: isRoom) }
            throw error
        }
    }

    private mutating func noteTrace(ofRoom isRoom: Bool) {
        self?.mayHaveLeft = true
        if isRoom { self?.mayHaveRoom = true }
    }
}
