internal import Glibc

/// Why the FastCGI side could not be set up: a code, a sentence for the operator, and the system's `errno` when there
/// is one.
public struct FastCGIError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable {
        /// The address is not one of the forms of ``ListenAddress``.
        case badAddress = "bad_address"
        /// Something already answers at the address.
        case inUse = "in_use"
        /// The address is not allowed: not loopback, or a path that is no socket.
        case notAllowed = "not_allowed"
        /// A system call failed.
        case system
        /// What the service manager handed over is no listening stream socket.
        case badInheritance = "bad_inheritance"
        /// libfcgi could not be initialised.
        case library
    }

    /// The kind.
    public let code: Code
    /// What happened, with the address or call concerned.
    public let message: String
    /// The system's error number, or 0.
    public let number: Int32

    /// Makes an error.
    public init(_ code: Code, _ message: String, number: Int32 = 0) {
        self.code = code
        self.message = message
        self.number = number
    }

    static func system(_ call: String, _ number: Int32) -> FastCGIError {
        FastCGIError(.system, call, number: number)
    }

    /// The message, and the system's text when there is a number.
    public var description: String {
        number == 0 ? message : "\(message): \(String(cString: strerror(number))) (errno \(number))"
    }
}
