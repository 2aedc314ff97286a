import TestSupport

/// One customer's life: comes, waits or talks, is transferred perhaps, and goes, or stays to the end.
///
/// A customer insists: what fails because a gateway died under it is sent again, as a client does that got a 502.
struct SimulatedCustomer {
    let number: Int
    let plan: SimulationPlan
    let tenant: TestTenant
    let accessToken: String
    let log: SimulationLog
    private var dice: Dice
    private var rid = ""
    private var token = ""
    private var department: Int
    private var isWaiting = false
    private var agent = ""
    /// The place in the department's queue that the customer was told last; nil when they came into it just now.
    private var place: Int?
    private var entry: Int?

    /// Who the agents are: the API names them by id, the journal by user name.
    let agentNames: [String: String]
    /// Whether nobody else will come: whoever waits then, behind those who stay, waits to the end.
    let isLate: @Sendable () -> Bool

    init(
        _ number: Int, plan: SimulationPlan, tenant: TestTenant, accessToken: String, agentNames: [String: String],
        log: SimulationLog, isLate: @escaping @Sendable () -> Bool
    ) {
        self.number = number
        self.plan = plan
        self.tenant = tenant
        self.accessToken = accessToken
        self.agentNames = agentNames
        self.log = log
        self.isLate = isLate
        dice = Dice(seed: plan.seed, player: number)
        department = dice.roll(0..<plan.tenant.departments.count)
    }

    mutating func live() async throws {
        if dice.chance(0.08) { return try await liveDirectly() }
        guard try await arrive() else { return log.finish() }
        let stays = number >= plan.customers - plan.lastOnesStay || dice.chance(0.02)
        while true {
            if isWaiting {
                try await Task.sleep(for: dice.pause(800..<2_400))
                if isLate() || (stays && number >= plan.customers - plan.lastOnesStay) { break }
                switch dice.roll(0..<100) {
                case 0..<4: return try await close("gave up waiting")
                case 4..<9: try await transfer()
                default: try await lookAgain()
                }
            } else {
                try await Task.sleep(for: dice.pause(400..<2_600))
                if stays { break }
                guard dice.chance(0.25) else { return try await close("closed") }
                try await transfer()
            }
        }
        log.count("stayed")
        log.finish(staying: .init(rid: rid, token: token, department: department, arrival: arrival))
    }

    /// When the customer came into the line of the department; nil for one who has, or had, an agent.
    private var arrival: ClosedRange<Int64>? {
        guard isWaiting, let entry = entry.map(log.entry), entry.isWaiting, entry.former == nil else { return nil }
        return entry.sent...entry.answered
    }

    // MARK: What a customer does

    private mutating func arrive() async throws -> Bool {
        let (tenant, fields) = (tenant, [("name", "c\(number)"), ("department_id", tenant.department(department))])
        let sent = unixMilliseconds()
        guard let answer = try await insist("client_connect", { try await tenant.clientConnect(fields) }) else {
            return false
        }
        take(answer)
        token = answer["token"].string ?? ""
        entry = log.enter(
            .init(
                rid: rid, department: department, sent: sent, answered: unixMilliseconds(), isWaiting: isWaiting))
        log.count(isWaiting ? "arrived and waited" : "arrived and was served")
        return true
    }

    private mutating func lookAgain() async throws {
        let (tenant, token, rid) = (tenant, token, rid)
        let fields = [("name", "c\(number)"), ("department_id", tenant.department(department)), ("group_id", rid)]
        let answer = try await insist("client_connect") { try await tenant.clientConnect(fields, token: token) }
        guard let answer else { return }
        if answer["rid"].string != rid {
            log.surprise("customer \(number) looked again and got another room: \(answer)")
        }
        let former = place
        take(answer)
        // Nobody comes back to the head of a queue here: no agent is away for two minutes.
        if let former, let place, place > former {
            log.surprise("customer \(number) was at place \(former) and is told: \(answer)")
        }
        log.count("looked again")
    }

    /// To another department, to whoever else is there, or to an agent by name.
    private mutating func transfer() async throws {
        let (tenant, token, rid) = (tenant, token, rid)
        var fields: [(String, String)] = []
        var there = department
        switch dice.roll(0..<10) {
        case 0..<5:
            there = dice.roll(0..<plan.tenant.departments.count)
            fields = [("department_id", tenant.department(there))]
        case 5..<7:
            let id = agentNames.keys.sorted()[dice.roll(0..<agentNames.count)]
            fields = [("agent_id", id)]
        default: break
        }
        let former = isWaiting ? "" : agent
        let (isFromQueue, sent) = (isWaiting, unixMilliseconds())
        let answer = try await insist("Transfer", allowing: [409]) {
            try await tenant.transfer(rid, token: token, fields)
        }
        guard let answer else { return log.count("could not be transferred") }
        log.count("transferred")
        take(answer)
        // Only a department's line is one; who is handed to an agent by name, or to "another", is in none.
        guard there != department || (isFromQueue && !isWaiting) else { return }
        if let entry { log.leave(entry, at: sent) }
        entry = nil
        guard there != department else { return }
        entry = log.enter(
            .init(
                rid: rid, department: there, sent: sent, answered: unixMilliseconds(), isWaiting: isWaiting,
                former: agentNames[former], formerDepartment: isFromQueue ? department : nil))
        department = there
    }

    private func close(_ why: String) async throws {
        let (tenant, token, rid) = (tenant, token, rid)
        if let entry { log.leave(entry, at: unixMilliseconds()) }
        _ = try await insist("shutdown_service") { try await tenant.shutdown(rid, token: token) }
        log.count(why)
        log.finish()
    }

    /// Through `connect`: a direct room, which has an agent at once or not at all. Direct rooms are not transferred
    /// here: the old room stays in sight of the old agent by design, so that the journal could not tell who is counted
    /// for it.
    private mutating func liveDirectly() async throws {
        let (tenant, accessToken, name) = (tenant, accessToken, "d\(number)")
        for _ in 0..<5 {
            let answer = try await insist("connect", allowing: [503]) {
                try await tenant.connect(name, token: accessToken)
            }
            if let answer {
                log.count("connected directly")
                let rid = answer["rid"].string ?? ""
                try await Task.sleep(for: dice.pause(400..<2_600))
                _ = try await insist("shutdown_service") { try await tenant.shutdown(rid, token: accessToken) }
                return log.finish()
            }
            try await Task.sleep(for: dice.pause(200..<600))
        }
        log.count("found all agents full")
        log.finish()
    }

    private mutating func take(_ answer: HTTPTestJSON) {
        rid = answer["rid"].string ?? ""
        isWaiting = answer["state"] == "waiting"
        agent = answer["agent_id"].string ?? ""
        let wait = answer["wait"].int ?? -1
        if isWaiting != (wait >= 1) || isWaiting != agent.isEmpty {
            log.surprise("customer \(number) was told at once: \(answer)")
        }
        place = isWaiting ? wait : nil
    }

    // MARK: Calls

    /// Sends a call until it is answered by somebody who lives: 200, or what the call allows, for which nil is
    /// returned.
    private func insist(
        _ what: String, allowing: Set<Int> = [], _ call: () async throws -> HTTPTestReply
    ) async throws -> HTTPTestJSON? {
        var last = ""
        for attempt in 0..<150 {
            if attempt > 0 {
                log.count("calls sent again")
                try await Task.sleep(for: .milliseconds(200))
            }
            do {
                let reply = try await call()
                if reply.status == 200 { return try reply.json }
                last = "\(reply.status) \(reply.text)"
                let isNobodyFree = reply.status == 503 && (try? reply.json["code"]) == "no_agent"
                if allowing.contains(reply.status), reply.status != 503 || isNobodyFree { return nil }
                guard [502, 503, 504].contains(reply.status) else { break }
            } catch let error as HTTPTestError {
                last = "\(error)"
            }
        }
        log.surprise("customer \(number), \(what): \(last)")
        return nil
    }
}
