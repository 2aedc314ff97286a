import Foundation
import TestSupport
import Testing

/// Compares a tenant's rooms, accounts and members at the chat server with what Redis has of them.
struct TenantState {
    let installation: GatewayInstallation
    let plan: GatewayTenantPlan

    /// All of a tenant, as JSON.
    private static let dump = """
        local all = {rooms = {}, customers = {}, locks = {}, slots = 0}
        for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
            local rest = string.sub(key, #ARGV[1] + 1)
            local rid, hash = string.match(rest, '^room:(.*)$'), string.match(rest, '^customer:(.*)$')
            if rid then
                local f = redis.call('HMGET', key, 'state', 'agent', 'customer', 'kind')
                all.rooms[rid] = {state = f[1], agent = f[2], customer = f[3], kind = f[4]}
            elseif hash then
                all.customers[hash] = redis.call('HGET', key, 'username') or ''
            elseif string.match(rest, '^lock:') then
                all.locks[#all.locks + 1] = rest
            end
        end
        for _, count in ipairs(redis.call('HVALS', ARGV[1] .. 'load')) do all.slots = all.slots + tonumber(count) end
        return cjson.encode(all)
        """

    /// Everything that is not as it must be when nobody is at work any more.
    ///
    /// `isClosed`: whether all rooms must be gone.
    func problems(isClosed: Bool) async throws -> [String] {
        let text = try await installation.redis.command("EVAL", Self.dump, "0", "cg:{\(plan.id)}:")
        let noted = try HTTPTestJSON(parsing: Array(text.utf8))
        let users = try await installation.chat.users()
        let names = Dictionary(
            users.map { ($0["_id"].string ?? "", $0["username"].string ?? "") }, uniquingKeysWith: { first, _ in first }
        )
        let customers = noted["customers"]
        let known = Set(customers.keys.compactMap { customers[$0].string })
        let accounts = Set(names.values.filter(isOurs))
        var problems = accounts.subtracting(known).map { "account \($0) is not known" }
        var there: [String: Set<String>] = [:]
        for room in try await installation.chat.rooms() {
            let members = Set(room["members"].array.compactMap(\.string))
            let name = room["name"].string ?? ""
            guard members.contains(where: isOurs) || plan.departments.contains(where: { name.hasPrefix($0.name) })
            else {
                continue
            }
            there[room["_id"].string ?? ""] = members.subtracting(["gateway"])
        }
        let rooms = noted["rooms"]
        problems += Set(there.keys).subtracting(rooms.keys).map { "room \($0) of \(there[$0] ?? []) is not known" }
        var slots = 0
        var holders: Set<String> = []
        for rid in rooms.keys where rooms[rid]["state"] != "moved" {
            let (room, customer) = (rooms[rid], customers[rooms[rid]["customer"].string ?? ""].string ?? "?")
            let agent = room["agent"].string ?? ""
            if isClosed || room["state"] == "closing" { problems.append("room \(rid) is \(room["state"])") }
            let wanted = Set([customer] + (agent.isEmpty ? [] : [names[agent] ?? "?"]))
            if there[rid] != wanted { problems.append("room \(rid) has \(there[rid] ?? []) instead of \(wanted)") }
            if !agent.isEmpty { slots += 1 }
            if agent.isEmpty != (room["state"] == "waiting") { problems.append("room \(rid): \(room)") }
            if !holders.insert("\(customer) \(room["kind"])").inserted { problems.append("\(customer) has two rooms") }
        }
        if noted["slots"].int != slots { problems.append("\(noted["slots"]) slots instead of \(slots)") }
        if !noted["locks"].array.isEmpty { problems.append("\(noted["locks"])") }
        return problems
    }

    private func isOurs(_ username: String) -> Bool {
        username.hasSuffix(plan.id) || username.hasSuffix(plan.id.replacingOccurrences(of: "-", with: ""))
    }

    /// Returns when nothing is wrong any more; after a minute what is still wrong is an issue. The reconciliation's
    /// turn need not be a minute away.
    func settle(isClosed: Bool, _ note: Comment) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let problems = try await problems(isClosed: isClosed)
            if problems.isEmpty { return }
            guard ContinuousClock.now < deadline else {
                Issue.record("\(note): \(problems.joined(separator: "\n"))")
                return
            }
            try await installation.redis.command("DEL", "cg:{\(plan.id)}:lease:reconcile")
            try await Task.sleep(for: .seconds(1))
        }
    }
}
