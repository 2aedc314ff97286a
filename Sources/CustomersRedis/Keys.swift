import Customers

/// The keys of DESIGN.md section 3. A tenant's keys carry the hash tag `{tenant id}`, so that one tenant lives in one
/// slot of a cluster.
struct Keys {
    /// What all keys of the tenant begin with; scripts put room and department ids behind it.
    let prefix: String

    init(_ tenant: TenantID) { prefix = "cg:{\(tenant.text)}:" }

    func customer(_ hash: String) -> String { "\(prefix)customer:\(hash)" }
    func room(_ rid: String) -> String { "\(prefix)room:\(rid)" }
    func queue(_ department: DepartmentID) -> String { "\(prefix)queue:\(department.text)" }
    func lock(_ hash: String) -> String { "\(prefix)lock:\(hash)" }
    /// What is about to be made for a customer at the chat server.
    func opening(_ hash: String) -> String { "\(prefix)opening:\(hash)" }
    func closed(_ rid: String) -> String { "\(prefix)closed:\(rid)" }
    /// A call with an `Idempotency-Key`.
    func call(_ id: String) -> String { "\(prefix)call:\(id)" }
    /// A task that one gateway of the fleet does at a time.
    func lease(_ task: String) -> String { "\(prefix)lease:\(task)" }
    /// Rooms by the time from which on a rule of the sweep counts.
    func rooms(_ rule: SweepRule) -> String { "\(prefix)\(rule.rawValue)" }
    var load: String { "\(prefix)load" }
    var presence: String { "\(prefix)presence" }
    var seen: String { "\(prefix)seen" }
    var paused: String { "\(prefix)paused" }
    /// Agents with rooms who are away, and since when.
    var away: String { "\(prefix)away" }
    /// How far the reconciliation came.
    var reconciled: String { "\(prefix)reconciled" }
    /// What an agent is counted for.
    func agent(_ id: String) -> String { "\(prefix)agent:\(id)" }
    /// The transfer log of a room.
    func log(_ rid: String) -> String { "\(prefix)log:\(rid)" }

    static func chat(_ digest: String) -> String { "cg:chat:\(digest)" }
    static func revoked(_ jti: String) -> String { "cg:revoked:\(jti)" }
    static func rate(_ bucket: String) -> String { "cg:rate:\(bucket)" }
    /// The channel that all gateways listen to; `agent_rooms.lua` has it too.
    static let news = "cg:revoked"
}

/// How long things are kept. Every key has a time to live.
enum TimeToLive {
    /// Customers, rooms, loads and queues, from their last use: seconds; the same as `lifetime` in `agent_rooms.lua`.
    static let state = 30 * 86_400
    /// A chat token's owner: as long as Rocket.Chat keeps a login by default.
    static let chatToken = 90 * 86_400
    /// The record of a room that its tenant keeps.
    static let archive = 365 * 86_400
    /// What makes a second close a success.
    static let tombstone = 86_400
    /// What the fleet knows of agents: milliseconds.
    static let presence = 3_000
    /// A gateway's turn to ask the chat server for it: milliseconds.
    static let presenceTurn = 2_000
    /// A gateway's turn to sweep, longer than what it may take over one room: milliseconds.
    static let sweep = 20_000
    /// From the end of a turn to the next one, a little less than a round: milliseconds.
    static let sweepPause = 800
    /// From one reconciliation to the next: milliseconds.
    static let reconcile = 60_000
    /// A call with an `Idempotency-Key`, and its answer.
    static let call = 86_400
    /// A run of such a call, longer than any operation with its wait for another one: milliseconds.
    static let run = 35_000
    /// A customer's lock, which whoever holds it keeps up every second; the same as `patience` in `agent_rooms.lua`:
    /// milliseconds.
    static let lock = Int(CustomerLock.lifetime / .milliseconds(1))
}
