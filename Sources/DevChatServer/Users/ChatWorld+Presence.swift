extension ChatWorld {
    /// Changes what a user's presence follows from; notes it when others would see a difference.
    mutating func changePresence(of userID: String, _ change: (inout StoredUser) -> Void) {
        guard var user = users[userID] else { return }
        let before = user.status
        change(&user)
        users[userID] = user
        guard user.status != before else { return }
        record(
            "presence",
            ["user": .string(user.username), "id": .string(userID), "status": .string(user.status.rawValue)])
        publish(presence: user)
    }
}
