/// Bytes that must not be shown: neither printing, nor interpolation, nor `dump` gives them away.
public struct SecretValue: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The secret itself.
    public var bytes: [UInt8]

    /// Wraps a secret.
    public init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// The secret as text; nil when it is not UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }

    /// Says that there is a secret, and no more.
    public var description: String { "[secret]" }

    /// Shows ``description``.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
