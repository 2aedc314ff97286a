/// A tenant's id: a UUID, the "manager id", which is also its public `api_key`.
public struct TenantID: Hashable, Sendable, CustomStringConvertible {
    /// Lower case with dashes, as it stands in user names, keys and group names.
    public let text: String

    /// Reads a UUID, dashed or as 32 hex digits, in any case; nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let text = UUIDText.normalise(text) else { return nil }
        self.text = text
    }

    /// The id as 32 hex digits.
    public var undashed: String { text.filter { $0 != "-" } }

    /// The normal form.
    public var description: String { text }
}
