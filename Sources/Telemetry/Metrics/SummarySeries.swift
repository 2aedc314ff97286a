internal import Metrics
internal import Synchronization

/// Number and sum of values that were recorded; shown as a summary without quantiles.
final class SummarySeries: RecorderHandler {
    private let number = Atomic<Int64>(0)
    private let total = GaugeSeries()

    var count: Int64 { number.load(ordering: .relaxed) }
    var sum: Double { total.value }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        total.increment(by: value)
        number.wrappingAdd(1, ordering: .relaxed)
    }
}
