internal import Glibc

/// Why a loop, a watch or a signal could not be set up.
public enum EventLoopError: Error, Equatable, CustomStringConvertible {
    /// A system call or a libevent call failed with this `errno`.
    case failed(call: String, Int32)
    /// libevent could not allocate.
    case outOfMemory

    /// The call, the number and the system's text for it.
    public var description: String {
        switch self {
        case .failed(let call, let code): "\(call): \(String(cString: strerror(code))) (errno \(code))"
        case .outOfMemory: "libevent: out of memory"
        }
    }
}
