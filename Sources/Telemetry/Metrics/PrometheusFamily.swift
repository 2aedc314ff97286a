/// All series of one name.
struct PrometheusFamily {
    let name: String
    let help: String?
    var samples: [MetricSample] = []

    init(name: String, help: String?) {
        self.name = name
        self.help = help
    }

    /// `redis.commands` → `customersd_redis_commands_total`; the endings keep kinds of one label apart. A label that
    /// has the prefix already does not get it twice.
    static func name(prefix: String, _ sample: MetricSample) -> String {
        let label = sample.key.label
        let base = sanitized(label.hasPrefix(prefix + "_") ? label : "\(prefix)_\(label)", extra: ":")
        switch sample.value {
        case .counter: return base.hasSuffix("_total") ? base : base + "_total"
        case .gauge: return base
        case .summary: return base + "_values"
        case .histogram: return base.hasSuffix("_seconds") ? base : base + "_seconds"
        }
    }

    func text() -> String {
        guard let first = samples.first else { return "" }
        var text = ""
        if let help { text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n" }
        text += "# TYPE \(name) \(Self.type(first.value))\n"
        let labelled = samples.map { (labels: Self.labels($0.key.dimensions), value: $0.value) }
        for (labels, value) in labelled.sorted(by: { $0.labels < $1.labels }) {
            switch value {
            case .counter(let count): text += line("", labels, "\(count)")
            case .gauge(let value): text += line("", labels, Self.number(value))
            case .summary(let count, let sum):
                text += line("_sum", labels, Self.number(sum)) + line("_count", labels, "\(count)")
            case .histogram(let counts, let sum): text += histogram(labels, counts, sum)
            }
        }
        return text
    }

    private func histogram(_ labels: String, _ counts: [Int64], _ sum: Double) -> String {
        var text = ""
        var total: Int64 = 0
        for (bound, count) in zip(HistogramSeries.bounds.map(\.text) + ["+Inf"], counts) {
            total &+= count
            text += line("_bucket", labels + (labels.isEmpty ? "" : ",") + "le=\"\(bound)\"", "\(total)")
        }
        return text + line("_sum", labels, Self.number(sum)) + line("_count", labels, "\(total)")
    }

    private func line(_ ending: String, _ labels: String, _ value: String) -> String {
        name + ending + (labels.isEmpty ? "" : "{\(labels)}") + " \(value)\n"
    }

    private static func type(_ value: MetricSample.Value) -> String {
        switch value {
        case .counter: "counter"
        case .gauge: "gauge"
        case .summary: "summary"
        case .histogram: "histogram"
        }
    }

    private static func labels(_ dimensions: [SeriesKey.Dimension]) -> String {
        dimensions.map { sanitized($0.name) + "=\"" + escaped($0.value, quotes: true) + "\"" }.joined(separator: ",")
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = String(value)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Names may have letters, digits, `_` and in metrics `:`; they do not start with a digit.
    private static func sanitized(_ name: String, extra: Character? = nil) -> String {
        let clean = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == extra ? $0 : "_" })
        return clean.first?.isNumber ?? true ? "_" + clean : clean
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        text.reduce(into: "") { output, character in
            switch character {
            case "\\": output += "\\\\"
            case "\n", "\r\n": output += "\\n"
            case "\"" where quotes: output += "\\\""
            default: output.append(character)
            }
        }
    }
}
