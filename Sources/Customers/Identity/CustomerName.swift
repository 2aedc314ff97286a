internal import Foundation

/// A customer's name as people see it: 1–64 Unicode scalars after trimming, NFC, nothing that steers a display.
public struct CustomerName: Hashable, Sendable, CustomStringConvertible {
    /// The name.
    public let text: String

    /// The most scalars a name may have.
    public static let maximumLength = 64

    /// Reads a name; nil when it breaks a rule.
    public init?(_ raw: String) {
        let text = raw.trimmingCharacters(in: Self.surroundings).precomposedStringWithCanonicalMapping
        let scalars = text.unicodeScalars
        guard (1...Self.maximumLength).contains(scalars.count), scalars.allSatisfy(Self.isAllowed),
            scalars.contains(where: Self.isVisible)
        else { return nil }
        self.text = text
    }

    /// Trusts text that this type or ``GuestName`` made before.
    init(stored text: String) { self.text = text }

    /// The name.
    public var description: String { text }

    /// Address books wrap what they give away in marks of its direction.
    private static let surroundings = CharacterSet.whitespacesAndNewlines.union(
        CharacterSet(charactersIn: "\u{202a}"..."\u{202e}").union(CharacterSet(charactersIn: "\u{2066}"..."\u{2069}")))

    /// A name of joiners and the like alone looks like no name, or like another one.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory != .format && !scalar.properties.isDefaultIgnorableCodePoint
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .lineSeparator, .paragraphSeparator: false
        // Unassigned is what is newer than this program's tables.
        case .unassigned: !scalar.properties.isNoncharacterCodePoint
        // Overrides and isolates can make one name look like another.
        case .format: !(0x202a...0x202e).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
        default: true
        }
    }
}
