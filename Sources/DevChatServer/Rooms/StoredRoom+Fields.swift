extension StoredRoom {
    /// The room as `groups.*` and `rooms.info` answer it.
    func fields(users: [String: StoredUser]) -> JSON {
        var fields: [String: JSON] = [
            "_id": .string(id), "t": .string(kind.rawValue), "msgs": .int(messages.count),
            "usersCount": .int(members.count), "u": owner, "ts": .string(createdAt.iso), "ro": .bool(readOnly),
            "_updatedAt": .string(updatedAt.iso),
        ]
        if kind == .direct {
            fields["uids"] = .array(order.map(JSON.string))
            fields["usernames"] = .array(order.compactMap { users[$0].map { .string($0.username) } })
        } else {
            fields["name"] = .string(name)
            fields["fname"] = .string(displayName)
            fields["customFields"] = .object(customFields)
        }
        if let topic { fields["topic"] = .string(topic) }
        if let description { fields["description"] = .string(description) }
        if archived { fields["archived"] = true }
        if broadcast { fields["broadcast"] = true }
        if let last = messages.last {
            fields["lm"] = .string(last.at.iso)
            fields["lastMessage"] = last.json(.rest)
        }
        return .object(fields)
    }
}
