import TestSupport
import Testing

/// Gives a suite an installation of its own, started before its first test and stopped after its last; the logs' ends
/// are printed when a test failed.
struct InstallationTrait: SuiteTrait, TestScoping {
    let plan: GatewayInstallation.Plan
    /// Whether no other installation may run meanwhile.
    let isAlone: Bool

    /// So many at once: each is four processes, which do several times as much with a sanitizer.
    private static let most = TestPatience.factor == 1 ? 4 : 2
    private static let slots = Slots(most)

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        if let external = try RunningInstallation.read() { return try await TestBed.with(external, function) }
        try await Self.slots.use(isAlone ? Self.most : 1) {
            let installation = try await GatewayInstallation(plan)
            let failures = WaitableState(0)
            let watch = IssueHandlingTrait.compactMapIssues { issue in
                failures.change { $0 += 1 }
                return issue
            }
            try await watch.provideScope(for: test, testCase: testCase) {
                try await TestBed.with(installation, function)
            }
            if failures.now > 0 { print("=== logs of \(test.name)\n\(installation.tails)") }
        }
    }
}

extension Trait where Self == InstallationTrait {
    /// An installation for the suite; `alone` for suites that need the whole machine.
    static func installation(
        alone isAlone: Bool = false, _ change: (inout GatewayInstallation.Plan) -> Void = { _ in }
    ) -> Self {
        InstallationTrait(plan: GatewayInstallation.Plan(change), isAlone: isAlone)
    }
}

extension Trait where Self == ConditionTrait {
    /// For suites that start, stop or look into the processes.
    static var ownProcesses: Self {
        .disabled(
            if: RunningInstallation.file != nil, "the running installation's processes are not the tests' to control")
    }
}

/// Lets tasks in as long as there are slots for them, first come, first served.
private actor Slots {
    private var free: Int
    private var waiters: [(need: Int, turn: CheckedContinuation<Void, Never>)] = []

    init(_ count: Int) { free = count }

    func use(_ need: Int, _ body: @Sendable () async throws -> Void) async throws {
        if waiters.isEmpty, free >= need {
            free -= need
        } else {
            await withCheckedContinuation { waiters.append((need, $0)) }
        }
        defer { giveBack(need) }
        try await body()
    }

    private func giveBack(_ count: Int) {
        free += count
        while let first = waiters.first, free >= first.need {
            free -= first.need
            waiters.removeFirst().turn.resume()
        }
    }
}
