import Foundation
import TestSupport

/// How big a simulation is, and by which dice it is played.
///
/// The environment may change both: `SIMULATION_CUSTOMERS=300` for a quick look, `SIMULATION_SEED=…` to repeat what a
/// run that failed has printed. The seed decides what everybody wants to do; who comes first is up to the machine.
struct SimulationPlan: Sendable {
    /// All dice of a run follow from it.
    let seed: UInt64
    /// How many customers come in all.
    let customers: Int
    /// How many are there at once: more than the agents can serve, so that there are queues.
    let crowd = 200
    /// The last of all customers stay to the end, so that the end has both served and waiting ones.
    let lastOnesStay = 140
    /// Gateways on one Redis.
    let gateways = 4
    /// The cast.
    let tenant: GatewayTenantPlan

    /// The one that the environment asks for.
    static let ofThisRun = SimulationPlan()

    init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
        seed = environment["SIMULATION_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...UInt64(UInt32.max))
        customers = environment["SIMULATION_CUSTOMERS"].flatMap { Int($0) } ?? 2_000
        var dice = Dice(seed: seed)
        let agents = (0..<50).map { number in
            // Every capacity occurs; four of five are there from the start.
            GatewayTenantPlan.Agent(capacity: number % 5 + 1, status: dice.chance(0.8) ? "online" : "offline")
        }
        var teams = (0..<6).map { number in agents.indices.filter { $0 % 6 == number } }
        // Some serve several departments, with one capacity for all.
        for agent in agents.indices where dice.chance(0.4) {
            let team = dice.roll(0..<6)
            if !teams[team].contains(agent) { teams[team].append(agent) }
        }
        tenant = GatewayTenantPlan(
            departments: teams.enumerated().map { number, team in
                .init("team\(number)", isDefault: number == 0, agents: team.map { agents[$0] })
            })
    }
}

extension SimulationPlan {
    /// The processes to play it on.
    var installation: GatewayInstallation.Plan {
        GatewayInstallation.Plan {
            $0.daemons = gateways
            $0.chatArguments = ["--journal-limit", "2000000"]
            $0.tenants = [tenant]
            $0.configuration.workers = 1
            $0.configuration.logLevel = "notice"
            // Who transfers by chance does it more often than people may.
            $0.configuration.limitLines = ["transfers_per_room: off"]
        }
    }
}

/// Random numbers that a seed repeats.
struct Dice: RandomNumberGenerator, Sendable {
    private var numbers: SeededGenerator

    init(seed: UInt64) { numbers = SeededGenerator(state: seed) }

    /// Dice of one's own for the n-th player, so that players do not disturb each other's luck.
    init(seed: UInt64, player: Int) {
        var first = Dice(seed: seed ^ UInt64(truncatingIfNeeded: player &+ 1) &* 0xD134_2543_DE82_EF95)
        numbers = SeededGenerator(state: first.next())
    }

    mutating func next() -> UInt64 { numbers.next() }

    mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }

    mutating func roll(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    /// Some time in a range of milliseconds.
    mutating func pause(_ range: Range<Int>) -> Duration { .milliseconds(roll(range)) }
}

/// Unix milliseconds by the clock that the chat server's journal has its times from.
func unixMilliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
