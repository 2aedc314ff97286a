public import Metrics
internal import Synchronization

/// All metrics of the process, for ``prometheusText()`` to show.
///
/// Making a handle looks it up under a lock, so make handles once and keep them; counting through a handle is an atomic
/// operation or two on any thread. The same label and dimensions give the same handle. Handles live as long as the
/// registry: destroying one does nothing, as others may hold it.
public final class MetricsRegistry: MetricsFactory {
    /// More series than this are not kept, so that a dimension which takes ever new values cannot fill the memory;
    /// their handles count into nothing.
    public static let maximumSeries = 4_096

    let prefix: String
    let help: [String: String]
    private let counters = Mutex<[SeriesKey: CounterSeries]>([:])
    private let gauges = Mutex<[SeriesKey: GaugeSeries]>([:])
    private let summaries = Mutex<[SeriesKey: SummarySeries]>([:])
    private let timers = Mutex<[SeriesKey: HistogramSeries]>([:])

    /// Makes an empty registry.
    ///
    /// - Parameters:
    ///   - prefix: goes before each name with an underscore: the program's name.
    ///   - help: one sentence for a label as code spells it (`redis.commands`), shown as `# HELP`.
    public init(prefix: String = "customersd", help: [String: String] = [:]) {
        self.prefix = prefix
        self.help = help
    }

    /// A number that only grows; shown as `…_total`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counters.withLock { Self.find(SeriesKey(label, dimensions), in: &$0, make: CounterSeries.init) }
    }

    /// A value that goes up and down.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauges.withLock { Self.find(SeriesKey(label, dimensions), in: &$0, make: GaugeSeries.init) }
    }

    /// A gauge, or with `aggregate` a number and a sum of values, shown as `…_count` and `…_sum`.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        let key = SeriesKey(label, dimensions)
        return aggregate
            ? summaries.withLock { Self.find(key, in: &$0, make: SummarySeries.init) }
            : gauges.withLock { Self.find(key, in: &$0, make: GaugeSeries.init) }
    }

    /// Times in buckets; shown as a histogram `…_seconds`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        timers.withLock { Self.find(SeriesKey(label, dimensions), in: &$0, make: HistogramSeries.init) }
    }

    /// Does nothing: others may hold the handle.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Does nothing: others may hold the handle.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Does nothing: others may hold the handle.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Does nothing: others may hold the handle.
    public func destroyTimer(_ handler: any TimerHandler) {}

    func snapshot() -> [MetricSample] {
        counters.withLock { $0.map { MetricSample(key: $0, value: .counter($1.value)) } }
            + gauges.withLock { $0.map { MetricSample(key: $0, value: .gauge($1.value)) } }
            + summaries.withLock { $0.map { MetricSample(key: $0, value: .summary(count: $1.count, sum: $1.sum)) } }
            + timers.withLock { $0.map { MetricSample(key: $0, value: .histogram(counts: $1.counts, sum: $1.sum)) } }
    }

    private static func find<Series>(
        _ key: SeriesKey, in all: inout [SeriesKey: Series], make: () -> Series
    ) -> Series {
        if let known = all[key] { return known }
        let new = make()
        if all.count < maximumSeries { all[key] = new }
        return new
    }
}
