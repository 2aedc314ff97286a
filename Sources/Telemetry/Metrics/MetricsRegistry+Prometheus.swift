extension MetricsRegistry {
    /// The `Content-Type` of ``prometheusText()``.
    public static let prometheusContentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Every metric in Prometheus' text format 0.0.4, sorted by name and dimensions. From any thread; each number is
    /// right by itself, the whole is no snapshot of one moment.
    public func prometheusText() -> String {
        var families: [String: PrometheusFamily] = [:]
        for sample in snapshot() {
            let name = PrometheusFamily.name(prefix: prefix, sample)
            families[name, default: PrometheusFamily(name: name, help: help[sample.key.label])].samples.append(sample)
        }
        return families.values.sorted { $0.name < $1.name }.map { $0.text() }.joined()
    }
}
