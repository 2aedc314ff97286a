/// Whether the chat server is asked at all (hazards, breaker and retries); the raw value is what a status shows.
public enum CircuitBreakerState: String, Sendable {
    /// It is.
    case closed
    /// It kept failing: calls are refused at once, but for one a second, which finds out.
    case open
    /// That one is on its way; all others are refused still.
    case halfOpen = "half-open"
}
