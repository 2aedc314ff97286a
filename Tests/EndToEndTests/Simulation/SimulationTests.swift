import Foundation
import TestSupport
import Testing

/// Issues that no single call shows: many gateways, many customers, agents who come and go, gateways that are killed.
/// What must hold is read from the chat server's journal and never from the gateways' own counters.
@Suite(
    "Simulation", .serialized, .ownProcesses, .installation(alone: true) { $0 = SimulationPlan.ofThisRun.installation })
struct SimulationTests {
    @Test(
        "agents come and go, customers too, two gateways of four are killed: nobody is lost, overtaken or one too many")
    func simulation() async throws {
        let (bed, plan) = (try TestBed.current, SimulationPlan.ofThisRun)
        print("simulation: SIMULATION_SEED=\(plan.seed) SIMULATION_CUSTOMERS=\(plan.customers)")
        let run = try await SimulationRun(plan, try bed.installation)
        try await run.play()
        let end = try await run.settle()
        #expect(end.problems == [], "the end is not right")

        let journal = try await run.journal()
        let rules = run.rules(journal)
        #expect(run.log.surprises == [], "answers that nobody should get")
        #expect(journal.overloads == [], "agents above their capacity")
        #expect(rules.overtakings(setbacks: run.setbacks) == [], "first come, first served")
        #expect(rules.neglected() == [], "somebody waited while an agent was free")
        #expect(run.log.counts["arrived and waited", default: 0] > 0, "nobody ever waited: nothing was proved")
        print(run.report(journal))
    }
}
