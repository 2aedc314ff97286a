import Foundation
import TestSupport
import Testing

/// A gateway that dies, or loses Redis, at every single call of every operation with effects; another one of the fleet
/// lives on.
@Suite("Crash safety", .ownProcesses, .installation())
struct CrashTests {
    private let installation: GatewayInstallation
    init() throws { installation = try TestBed.current.installation }

    /// No operation makes so many calls of the chat server.
    private static let enough = 8

    @Test(
        "a gateway killed at any chat server call leaves nothing that the next call, or the others alone, do not put right",
        arguments: CallStops.Moment.allCases)
    func killed(_ moment: CallStops.Moment) async throws {
        try await atOnce(2) { try await kill($0, moment) }
    }

    /// Runs something for each operation, not all at once: each starts a gateway, and they share Redis and chat server.
    private func atOnce(
        _ most: Int, _ body: @escaping @Sendable (DoomedCall.Operation) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, operation) in DoomedCall.Operation.allCases.enumerated() {
                if number >= most { try await group.next() }
                group.addTask { try await body(operation) }
            }
            try await group.waitForAll()
        }
    }

    private func kill(_ operation: DoomedCall.Operation, _ moment: CallStops.Moment) async throws {
        let note: Comment = "\(operation), \(moment) the call"
        let plan = DoomedCall.tenant(for: operation)
        let tenant = try await TestBed.current.tenant(plan)
        let token = try await tenant.accessToken()
        let stops = CallStops()
        let doomed = try await DoomedGateway(beside: installation, for: plan, chat: stops.judge)
        // Signed in, and acquainted with the agents: that is no operation's call.
        let first = try await DoomedCall(
            operation == .startWaiting ? .startWaiting : .start, of: tenant, accessToken: token)
        try await eventually("it answers") { await doomed.answer(first)?.status == 200 }
        // Those who call again, and those who never do: of each the first stands still at its first call, the second at
        // its second, …
        var customers: [Customer] = []
        for number in 0..<2 * Self.enough {
            let call = try await DoomedCall(operation, of: tenant, accessToken: token)
            let customer = Customer(call: call, stopsAt: number % Self.enough + 1, comesAgain: number < Self.enough)
            stops.stop(customer.id, at: customer.stopsAt, moment)
            customers.append(customer)
        }
        let answered = try await run(customers, stops, doomed)
        let reached = customers.filter { stops.reached.contains($0.id) }
        // That these were all the calls there are: somebody stood still at each call that those who were answered made.
        let calls = answered.map { stops.calls($0) }.min() ?? 0
        #expect(calls > 0 && calls < Self.enough, note)
        #expect(Set(reached.map(\.stopsAt)).isSuperset(of: 1...max(1, calls)), note)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for customer in reached where customer.comesAgain {
                group.addTask {
                    let reply = try await customer.call.again(tenant.client)
                    #expect(operation.answers.contains(reply.status), "\(note) \(customer.stopsAt): \(reply)")
                }
            }
            try await group.waitForAll()
        }
        // The one who only warmed up goes.
        let session = try success(try await first.again(tenant.client))
        let (rid, chatToken) = (session["rid"].string ?? "", session["token"].string ?? "")
        try await eventually("it is closed") { try await tenant.shutdown(rid, token: chatToken).status == 200 }
        try await TenantState(installation: installation, plan: plan).settle(isClosed: operation.closes, note)
    }

    private struct Customer: Sendable {
        let id = UUID().uuidString.replacingOccurrences(of: "-", with: "")
        let call: DoomedCall
        let stopsAt: Int
        let comesAgain: Bool
    }

    /// Lets all of them call at once, and kills the gateway when each is answered or stands still.
    ///
    /// - Returns: who was answered that it is done.
    private func run(
        _ customers: [Customer], _ stops: CallStops, _ doomed: DoomedGateway
    ) async throws -> Set<String> {
        let answered = WaitableState<[String: Int]>([:])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for customer in customers {
                group.addTask {
                    guard let reply = await doomed.answer(customer.call, id: customer.id) else { return }
                    // A machine that is busy with other things may make Redis look away.
                    #expect([200, 503].contains(reply.status), "\(customer.call.operation): \(reply.text)")
                    answered.change { $0[customer.id] = reply.status }
                }
            }
            try await eventually("everybody is answered or stands still", within: .seconds(60)) {
                stops.reached.union(answered.now.keys).count == customers.count
            }
            try await doomed.kill()
            try await group.waitForAll()
        }
        return Set(answered.now.filter { $0.value == 200 }.keys)
    }

    @Test(
        "a gateway that loses Redis at any command leaves nothing that the next call, or the others alone, do not put right"
    )
    func withoutRedis() async throws { try await atOnce(5) { try await loseRedis($0) } }

    private func loseRedis(_ operation: DoomedCall.Operation) async throws {
        let plan = DoomedCall.tenant(for: operation)
        let tenant = try await TestBed.current.tenant(plan)
        let token = try await tenant.accessToken()
        let cutter = CommandCutter()
        let doomed = try await DoomedGateway(beside: installation, for: plan, redis: cutter.judge)
        var command = 1
        while true {
            let call = try await DoomedCall(operation, of: tenant, accessToken: token)
            // Every other command is lost, of the rest the answer; of either kind every other customer calls again.
            cutter.cut(at: command, command.isMultiple(of: 2) ? .after : .before)
            let reply = await doomed.answer(call)
            let wasCut = cutter.stop()
            let status = try #require(reply?.status, "no answer at command \(command)")
            // The answer is honest: done, or not now.
            #expect([200, 503].contains(status), "\(operation) \(command): \(reply?.text ?? "")")
            guard wasCut else {
                guard status == 200 else { continue }
                break
            }
            try doomed.redis.mend()
            if command / 2 % 2 == 0 {
                let again = try await call.again(tenant.client)
                #expect(operation.answers.contains(again.status), "\(operation) \(command): \(again)")
            }
            command += 1
            try #require(command < 100)
            try await serves(doomed)
        }
        #expect(command > 3, "an operation of \(command) commands")
        // A close that was not begun is none.
        try await TenantState(installation: installation, plan: plan).settle(
            isClosed: false, "\(operation) without Redis")
        try await doomed.kill()
    }

    /// Returns when the gateway has found Redis again.
    private func serves(_ doomed: DoomedGateway) async throws {
        let nobody = DoomedCall(closing: "no-such-room", token: "no-such-token")
        try await eventually("Redis is found again", within: .seconds(30)) {
            await doomed.answer(nobody)?.status == 401
        }
    }
}
