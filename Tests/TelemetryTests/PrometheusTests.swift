import Metrics
import Telemetry
import Testing

@Suite("Prometheus text")
struct PrometheusTests {
    @Test("counters, gauges, meters and recorders as Prometheus reads them")
    func simpleKinds() {
        let registry = MetricsRegistry(help: ["redis.commands": "Commands sent,\nby \"name\" \\."])
        Counter(label: "redis.commands", dimensions: [("name", "GET"), ("host", "a")], factory: registry).increment(
            by: 3)
        Counter(label: "redis.commands", dimensions: [("host", "a"), ("name", "EVAL\"\\\n")], factory: registry)
            .increment()
        Gauge(label: "connections", dimensions: [], factory: registry).record(7)
        Meter(label: "queue-length", dimensions: [], factory: registry).set(2.5)
        Meter(label: "queue-length", dimensions: [], factory: registry).decrement(by: 4)
        let recorder = Recorder(label: "reply.bytes", factory: registry)
        recorder.record(10)
        recorder.record(0.5)
        Counter(label: "requests_total", factory: registry).increment()
        Gauge(label: "9 lives é", factory: registry).record(Double.infinity)
        #expect(
            registry.prometheusText() == #"""
                # TYPE customersd_9_lives__ gauge
                customersd_9_lives__ +Inf
                # TYPE customersd_connections gauge
                customersd_connections 7
                # TYPE customersd_queue_length gauge
                customersd_queue_length -1.5
                # HELP customersd_redis_commands_total Commands sent,\nby "name" \\.
                # TYPE customersd_redis_commands_total counter
                customersd_redis_commands_total{host="a",name="EVAL\"\\\n"} 1
                customersd_redis_commands_total{host="a",name="GET"} 3
                # TYPE customersd_reply_bytes_values summary
                customersd_reply_bytes_values_sum 10.5
                customersd_reply_bytes_values_count 2
                # TYPE customersd_requests_total counter
                customersd_requests_total 1

                """#)
    }

    @Test("a timer is a histogram in seconds with cumulative buckets")
    func timer() {
        let registry = MetricsRegistry(prefix: "p")
        let timer = Timer(label: "request", dimensions: [("route", "/x")], factory: registry)
        for nanoseconds in [1, 100_000, 100_001, 2_000_000, 499_999_999, 60_000_000_000, -5] as [Int64] {
            timer.recordNanoseconds(nanoseconds)
        }
        #expect(
            registry.prometheusText() == #"""
                # TYPE p_request_seconds histogram
                p_request_seconds_bucket{route="/x",le="0.0001"} 3
                p_request_seconds_bucket{route="/x",le="0.00025"} 4
                p_request_seconds_bucket{route="/x",le="0.0005"} 4
                p_request_seconds_bucket{route="/x",le="0.001"} 4
                p_request_seconds_bucket{route="/x",le="0.0025"} 5
                p_request_seconds_bucket{route="/x",le="0.005"} 5
                p_request_seconds_bucket{route="/x",le="0.01"} 5
                p_request_seconds_bucket{route="/x",le="0.025"} 5
                p_request_seconds_bucket{route="/x",le="0.05"} 5
                p_request_seconds_bucket{route="/x",le="0.1"} 5
                p_request_seconds_bucket{route="/x",le="0.25"} 5
                p_request_seconds_bucket{route="/x",le="0.5"} 6
                p_request_seconds_bucket{route="/x",le="1"} 6
                p_request_seconds_bucket{route="/x",le="2.5"} 6
                p_request_seconds_bucket{route="/x",le="5"} 6
                p_request_seconds_bucket{route="/x",le="10"} 6
                p_request_seconds_bucket{route="/x",le="+Inf"} 7
                p_request_seconds_sum{route="/x"} 60.502200001
                p_request_seconds_count{route="/x"} 7

                """#)
    }

    @Test("the same label and dimensions, in any order, are one series")
    func sameHandle() {
        let registry = MetricsRegistry()
        let one = registry.makeCounter(label: "a", dimensions: [("x", "1"), ("y", "2")])
        #expect(registry.makeCounter(label: "a", dimensions: [("y", "2"), ("x", "1")]) === one)
        #expect(registry.makeCounter(label: "a", dimensions: [("x", "2"), ("y", "2")]) !== one)
        #expect(registry.makeTimer(label: "a", dimensions: []) === registry.makeTimer(label: "a", dimensions: []))
    }

    @Test("threads count together without losing any")
    func threads() async {
        let registry = MetricsRegistry()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = Counter(label: "c", factory: registry)
                    let meter = Meter(label: "m", factory: registry)
                    for _ in 0..<10_000 {
                        counter.increment()
                        meter.increment(by: 0.5)
                    }
                }
            }
        }
        #expect(registry.prometheusText().contains("customersd_c_total 80000\n"))
        #expect(registry.prometheusText().contains("customersd_m 40000\n"))
    }

    @Test("a dimension with ever new values does not fill the memory")
    func seriesLimit() {
        let registry = MetricsRegistry()
        for index in 0..<5_000 { Counter(label: "c", dimensions: [("id", "\(index)")], factory: registry).increment() }
        #expect(registry.prometheusText().split(separator: "\n").count == 1 + 4_096)
    }
}
