/// The moment by which all chat server calls of a request must be over, so that their sum stays under what the web
/// server waits.
public enum ChatDeadline {
    /// Set once a request; nil means that only each call's own deadline counts.
    @TaskLocal public static var current: ContinuousClock.Instant?

    /// How long the calls of one request may take together. A customer's lock lives longer than this.
    public static let total = Duration.seconds(25)
}
