import ChatBackend

/// A group that was there although no record of it was: after a crash, or after the store was lost.
struct TakenRoom {
    let services: Services

    /// Makes sure that the customer and one agent are in the room. An agent who is in it keeps it.
    ///
    /// `route` is what was taken for the room as if it were new; what the room really has is returned.
    func settle(
        _ rid: String, of customer: CustomerHash, account: String, route: AgentRouter.Route, roster: AgentRoster
    ) async throws -> AgentRouter.Route {
        let members = try await services.chat.members(ofGroup: rid)
        if !members.contains(account) { try await services.chat.addMember(account, toGroup: rid) }
        if !route.agent.isEmpty, members.contains(route.agent) { return route }
        guard let present = roster.agents.first(where: { members.contains($0.id) }) else {
            if !route.agent.isEmpty { try await services.chat.addMember(route.agent, toGroup: rid) }
            return route
        }
        try await services.rooms.count(present.id, for: customer)
        await services.giveBack(route.agent, of: customer)
        return AgentRouter.Route(agent: present.id, state: present.status == .online ? .assigned : .offline)
    }
}
