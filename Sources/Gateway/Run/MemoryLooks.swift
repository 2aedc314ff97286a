/// When a process at rest gives memory back: soon after the last request, and again when the connections to the chat
/// server that it needed are closed; then no more until somebody comes.
struct MemoryLooks {
    private var done = 0

    /// Between two looks while there are requests.
    static let interval = Duration.seconds(10)
    /// From one to the next. An HTTP client closes connections that nobody used for a minute.
    private static let pauses = [interval, .seconds(90)]
    /// With nothing left to give back, until somebody comes.
    private static let quiet = Duration.seconds(3_600)

    /// How long to sleep when nobody wants anything.
    var pause: Duration { done < Self.pauses.count ? Self.pauses[done] : Self.quiet }

    /// A sleep is over.
    ///
    /// - Parameter isUndisturbed: whether it was as long as ``pause`` says, and nobody came.
    /// - Returns: whether it is time to give memory back.
    mutating func slept(isUndisturbed: Bool) -> Bool {
        guard isUndisturbed else {
            done = 0
            return false
        }
        guard done < Self.pauses.count else { return false }
        done += 1
        return true
    }
}
