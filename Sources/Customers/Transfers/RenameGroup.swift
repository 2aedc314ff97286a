import ChatBackend

/// Gives a group the name and topic of its department, as far as the chat server lets it.
struct RenameGroup {
    let services: Services

    /// Runs it; a failure is logged and changes nothing else.
    func callAsFunction(_ session: RoomSession, department: Department) async {
        await services.attempt("rename a group") {
            guard let found = try await services.customers.find(session.customer, slot: nil, rid: nil) else { return }
            let name = services.naming.groupName(department: department, customer: found.record.key)
            try await services.chat.renameGroup(session.rid, name: name, topic: session.groupName)
        }
    }
}
