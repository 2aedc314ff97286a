/// What was put right, because what we had noted was not so.
public enum Repair: String, Sendable, CaseIterable {
    /// A slot was counted for a room that the agent does not have, or for none.
    case lostSlot = "lost_slot"
    /// A room was not counted for the agent who has it, or an agent's number was wrong.
    case count
    /// An entry in a queue had no room that waits there.
    case queueEntry = "queue_entry"
    /// A room that waits was in no queue.
    case waitingRoom = "waiting_room"
    /// An agent was still in a room that they do not have, after a hand-over that was cut short.
    case visitor
    /// The customer was not in their room.
    case customer
    /// The agent was not in their room.
    case agent
    /// The room did not exist any more.
    case room
}
