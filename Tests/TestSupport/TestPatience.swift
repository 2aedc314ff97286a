internal import Glibc

/// How much longer than usual tests wait for what must happen: with a sanitizer everything takes several times as long.
public enum TestPatience {
    /// `TEST_PATIENCE`; 1 when it is not set.
    public static let factor = max(1, getenv("TEST_PATIENCE").flatMap { Int(String(cString: $0)) } ?? 1)
}
