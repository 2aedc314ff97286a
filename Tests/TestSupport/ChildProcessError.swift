internal import Glibc

/// Why a test's helper process, file or socket did not do what the test needs.
public enum ChildProcessError: Error, CustomStringConvertible {
    /// A system call failed with this `errno`.
    case failed(String, Int32)
    /// Something that was waited for did not happen in time.
    case timedOut(String)

    /// One sentence.
    public var description: String {
        switch self {
        case .failed(let call, let code): "\(call): \(String(cString: strerror(code)))"
        case .timedOut(let what): "waited in vain for \(what)"
        }
    }
}
