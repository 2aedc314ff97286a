/// A series and what it showed at one moment.
struct MetricSample {
    enum Value {
        case counter(Int64)
        case gauge(Double)
        case summary(count: Int64, sum: Double)
        case histogram(counts: [Int64], sum: Double)
    }

    var key: SeriesKey
    var value: Value
}
