/// Which API request a chat server is called for; adapters pass it on, so that both servers' logs can be read together.
public enum ChatRequestID {
    /// 1–64 characters of `[A-Za-z0-9._-]`, or nil when nobody asked (timers, health checks).
    @TaskLocal public static var current: String?
}
