internal import Glibc

/// Why a test's request got no answer that can be looked at.
public enum HTTPTestError: Error, CustomStringConvertible {
    /// A system call failed with this `errno`.
    case failed(String, Int32)
    /// The answer breaks the rules of HTTP/1.1, or ended too early.
    case malformed(String)
    /// No complete answer came in time.
    case timedOut(String)

    /// One sentence.
    public var description: String {
        switch self {
        case .failed(let call, let code): "\(call): \(String(cString: strerror(code)))"
        case .malformed(let what): "not an HTTP answer: \(what)"
        case .timedOut(let what): "no answer in time: \(what)"
        }
    }
}
