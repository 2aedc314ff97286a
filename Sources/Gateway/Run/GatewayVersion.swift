/// Which gateway this is.
public enum GatewayVersion {
    /// Semantic version, as `customersd --version` prints it.
    public static let text = "0.1.0"
}
