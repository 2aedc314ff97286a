internal import HTTPClient

/// When a server that answered 429 wants to be asked again (contract sheet, section 1.4).
enum RateLimitAnswer {
    /// Whole seconds from now, 1 to 3,600; nil when the server did not say.
    ///
    /// The text comes first: it is relative, so that it holds whatever the two clocks show. Then `X-RateLimit-Reset`,
    /// milliseconds since 1970, then what a proxy says.
    static func seconds(_ reply: HTTPClientReply, text: String, now: Int64) -> Int? {
        if let seconds = secondsToWait(in: text) { return clamp(seconds) }
        if let reset = reply.header("X-RateLimit-Reset").flatMap(Int64.init), reset > 0 {
            let (left, overflow) = reset.subtractingReportingOverflow(now)
            return overflow ? nil : clamp(left / 1_000 + (left % 1_000 > 0 ? 1 : 0))
        }
        return reply.header("Retry-After").flatMap(Int64.init).map(clamp)
    }

    private static func secondsToWait(in text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard let index = words.firstIndex(of: "wait"), words.indices.contains(index + 2),
            words[index + 2].hasPrefix("second")
        else { return nil }
        return Int64(words[index + 1])
    }

    private static func clamp(_ seconds: Int64) -> Int { Int(min(max(seconds, 1), 3_600)) }
}
