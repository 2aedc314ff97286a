/// The armed faults in the order they were armed, and how many calls each still hits.
struct FaultBook: Sendable {
    private(set) var armed: [Fault]
    /// What the calls wait for that ``Fault/Kind/hold`` holds.
    private var holds: [Task<Void, Never>] = []

    init(_ faults: [Fault] = []) {
        armed = faults
    }

    mutating func arm(_ fault: Fault) {
        armed.append(fault)
    }

    /// Disarms all, and lets go what is held.
    mutating func clear() {
        armed = []
        for hold in holds { hold.cancel() }
        holds = []
    }

    /// Uses up one call of what concerns the route: every latency and hold, and the first other fault.
    mutating func take(route: String, isForRequest: Bool = false) -> FaultPlan {
        guard !armed.isEmpty else { return FaultPlan() }
        var plan = FaultPlan()
        for index in armed.indices where Self.concerns(armed[index].route, route) && armed[index].count != 0 {
            if armed[index].onlyRequests, !isForRequest { continue }
            if armed[index].skip > 0 {
                armed[index].skip -= 1
                continue
            }
            if armed[index].kind == .latency {
                plan.delay += armed[index].milliseconds ?? 1000
            } else if armed[index].kind == .hold {
                let longest = armed[index].milliseconds ?? 60_000
                let hold = Task<Void, Never> { try? await Task.sleep(for: .milliseconds(longest)) }
                holds.append(hold)
                plan.holds.append(hold)
            } else if plan.fault == nil {
                plan.fault = armed[index]
            } else {
                continue
            }
            armed[index].count = armed[index].count.map { $0 - 1 }
        }
        armed.removeAll { $0.count.map { $0 <= 0 } == true }
        return plan
    }

    private static func concerns(_ pattern: String, _ route: String) -> Bool {
        if pattern == "*" { return route != "websocket" }
        return pattern == route || canonical(pattern) == canonical(route)
    }

    /// `dm.*` and `im.*` are one set of routes.
    private static func canonical(_ route: String) -> String {
        route.hasPrefix("dm.") ? "im." + route.dropFirst(3) : route
    }
}
