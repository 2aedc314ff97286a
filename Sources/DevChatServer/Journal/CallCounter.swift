/// How often each route was called, with which status, and how many calls were open at once.
struct CallCounter: Sendable {
    private var statuses: [String: [Int: Int]] = [:]
    private var open = 0
    private var peak = 0

    mutating func began() {
        open += 1
        peak = max(peak, open)
    }

    /// Status 0 stands for an answer that never came.
    mutating func ended(_ call: String, status: Int) {
        open = max(0, open - 1)
        statuses[call, default: [:]][status, default: 0] += 1
    }

    /// Forgets the counts; calls still open stay open.
    mutating func clear() {
        statuses = [:]
        peak = open
    }

    /// The form of `GET /_devchat/calls`.
    var json: JSON {
        let calls = statuses.mapValues { JSON.int($0.values.reduce(0, +)) }
        let byStatus = statuses.mapValues { counts in
            JSON.object(Dictionary(uniqueKeysWithValues: counts.map { (String($0.key), .int($0.value)) }))
        }
        return [
            "calls": .object(calls), "statuses": .object(byStatus), "inFlight": .int(open), "peakInFlight": .int(peak),
            "total": .int(statuses.values.reduce(0) { $0 + $1.values.reduce(0, +) }), "success": true,
        ]
    }
}
