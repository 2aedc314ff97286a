extension ChatWorld {
    /// The stream of one room's messages, and the event that stands for all rooms of the listener.
    private static let messages = "stream-room-messages"
    private static let allRooms = "__my_messages__"

    /// Pushes the message to those who listen and may read the room.
    mutating func publish(_ message: StoredMessage) {
        guard !sockets.open.isEmpty else { return }
        let json = message.json(.realtime)
        for event in [message.roomID, Self.allRooms] {
            push(Self.messages, event, [json], readersOf: message.roomID, membersOnly: event == Self.allRooms)
        }
    }

    /// Tells those who listen that the message is gone.
    mutating func publish(deletionOf message: StoredMessage) {
        push(
            "stream-notify-room", "\(message.roomID)/deleteMessage", [["_id": .string(message.id)]],
            readersOf: message.roomID)
    }

    /// Tells everyone who listens of a user's new presence; the status goes as its number.
    mutating func publish(presence user: StoredUser) {
        let number: JSON =
            switch user.status {
            case .offline: 0
            case .online: 1
            case .away: 2
            case .busy: 3
            }
        push(
            "stream-notify-logged", "user-status",
            [[.string(user.id), .string(user.username), number, .string(user.statusText)]])
    }

    /// Tells the user's own sockets that a room came or went.
    mutating func publish(_ change: JSON, subscriptionOf userID: String, to roomID: String) {
        guard !sockets.open.isEmpty, let room = rooms[roomID] else { return }
        push(
            "stream-notify-user", "\(userID)/subscriptions-changed",
            [change, ["rid": .string(roomID), "t": .string(room.kind.rawValue), "name": .string(room.name)]])
    }

    /// Passes on what one member tells the others of a room, such as typing.
    mutating func relay(_ event: String, _ arguments: [JSON], of roomID: String) {
        push("stream-notify-room", event, arguments, readersOf: roomID)
    }

    private mutating func push(
        _ collection: String, _ event: String, _ arguments: [JSON], readersOf roomID: String? = nil,
        membersOnly: Bool = false
    ) {
        let listeners = sockets.listeners(to: SocketBook.Stream(collection: collection, event: event))
        guard !listeners.isEmpty else { return }
        let frame: JSON = [
            "msg": "changed", "collection": .string(collection), "id": "id",
            "fields": ["eventName": .string(event), "args": .array(arguments)],
        ]
        let text = frame.written
        for socket in listeners {
            if let roomID {
                guard let userID = sockets.open[socket]?.userID, let room = rooms[roomID],
                    membersOnly ? room.members[userID] != nil : canAccess(room, userID)
                else { continue }
            }
            outbox.append((socket, text))
        }
    }
}
