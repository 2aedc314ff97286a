/// A range of Rocket.Chat releases that behave alike towards us; the contract sheet, section 0.
public enum VersionBand: Int, Sendable, Comparable, CaseIterable {
    /// 6.x: 17 character room ids, the oldest error bodies.
    case six = 6
    /// 7.x: direct rooms named by their two users.
    case seven = 7
    /// 8.x: the base line.
    case eight = 8
    /// 9.0, known from its release notes alone: refusals are 403.
    case nine = 9

    /// Earlier releases are less.
    public static func < (left: VersionBand, right: VersionBand) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The full version number `GET /api/info` names.
    var version: String {
        switch self {
        case .six: "6.13.1"
        case .seven: "7.13.7"
        case .eight: "8.7.0"
        case .nine: "9.0.0"
        }
    }
}
