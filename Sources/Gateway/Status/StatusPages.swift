internal import HTTPMessage
internal import Telemetry

/// The two pages for operators behind the web server: `/customers-status` for people, `/customers-metrics` for
/// Prometheus.
///
/// The web server must have a location for them that lets only its own machine in (nginx/customers/status.conf). The
/// daemon does not rely on that: whoever does not come from a loopback address gets the answer of a path that does not
/// exist.
struct StatusPages: Sendable {
    let monitor: Monitor

    static let statusPath = "/customers-status"
    static let metricsPath = "/customers-metrics"

    /// The page, or nil when the request is for something else or from elsewhere.
    func answer(_ request: HTTPRequest) async -> HTTPResponse? {
        // Both begin with a path no route has; most requests are told apart by their tenth byte at the latest.
        guard request.path.utf8.dropFirst(10).first == UInt8(ascii: "-"), request.method == "GET",
            Self.isLoopback(request.remoteAddress)
        else { return nil }
        switch request.path {
        case Self.statusPath:
            return Self.page("text/html; charset=utf-8", StatusPage(await monitor.status()).html(), request)
        case Self.metricsPath:
            return Self.page(MetricsRegistry.prometheusContentType, await monitor.metrics(), request)
        default: return nil
        }
    }

    /// `127.0.0.0/8` and `::1` as web servers write them.
    static func isLoopback(_ address: String) -> Bool {
        if address == "::1" { return true }
        let numbers = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
    }

    private static func page(_ type: String, _ text: String, _ request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [
                (.contentType, type), (.cacheControl, "no-store"), (.contentTypeOptions, "nosniff"),
                (.requestID, request.requestID),
            ], body: Array(text.utf8))
    }
}
