/// One piece of bad behaviour the server was told to show.
public struct Fault: Sendable, Equatable {
    /// What goes wrong.
    public enum Kind: String, Sendable, CaseIterable {
        /// The answer comes `milliseconds` later; the call itself is done after the wait.
        case latency
        /// The call waits until the faults are cleared, for `milliseconds` at most (default 60,000), and is then done.
        case hold
        /// Nothing is done and no answer comes for `milliseconds` (default an hour), then the connection is reset.
        case hang
        /// Another status (default 500) with a JSON body; nothing is done.
        case status
        /// The connection is reset; nothing is done.
        case reset
        /// The answer breaks off in the middle; the call is done.
        case truncate
        /// A proxy's HTML error page (default 502); nothing is done.
        case html
        /// 200 with JSON that ends too early; nothing is done.
        case malformed
        /// 429 as the limiter words it; nothing is done.
        case ratelimit
        /// The call is done, the answer is a 400.
        case createdBut400 = "created-but-400"
        /// The call is done, no answer comes for `milliseconds` (default 60,000), then the connection ends.
        case createdButTimeout = "created-but-timeout"
        /// The answer is a success, nothing is done; `im.create` leaves out unknown names instead.
        case silentDrop = "silent-drop"
        /// `users.createToken` fails for a user who never signed in (contract sheet, section 3).
        case tokensUndefined = "tokens-undefined"
    }

    /// No wait is longer than an hour.
    private static let longest = 3_600_000

    /// The route it concerns, such as `groups.create`; `*` for every REST route, `websocket` for the upgrade.
    public var route: String
    /// What goes wrong.
    public var kind: Kind
    /// For kinds that take time.
    public var milliseconds: Int?
    /// For kinds that take a status.
    public var status: Int?
    /// How many calls it hits; nil for all.
    public var count: Int?
    /// How many calls it lets pass first: 2 spoils the third.
    public var skip = 0
    /// Whether it concerns only calls that a gateway makes for a request of its own, which carry an `X-Request-Id`;
    /// what timers call is neither counted nor hit.
    public var onlyRequests = false
    /// The body to answer with; nil for the usual one.
    public var body: JSON?

    /// Describes one fault.
    public init(
        route: String, kind: Kind, milliseconds: Int? = nil, status: Int? = nil, count: Int? = nil, body: JSON? = nil,
        skip: Int = 0, onlyRequests: Bool = false
    ) {
        self.route = route
        self.kind = kind
        self.milliseconds = milliseconds.map { min(max(0, $0), Self.longest) }
        self.status = status
        self.count = count
        self.body = body
        self.skip = max(0, skip)
        self.onlyRequests = onlyRequests
    }
}

extension Fault {
    /// Reads `route:kind[:value[:count]]`, the form of the `--fault` option; nil when it does not fit.
    ///
    /// The value is milliseconds for `latency`, `hold`, `hang` and `created-but-timeout`, a status for the others; it
    /// may be empty.
    public init?(commandLine text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (2...4).contains(parts.count), !parts[0].isEmpty, let kind = Kind(rawValue: parts[1]) else {
            return nil
        }
        self.init(route: parts[0], kind: kind)
        if parts.count > 2, !parts[2].isEmpty {
            guard let value = Int(parts[2]), value >= 0 else { return nil }
            if [.latency, .hold, .createdButTimeout, .hang].contains(kind) {
                milliseconds = min(value, Self.longest)
            } else {
                status = value
            }
        }
        if parts.count > 3 {
            guard let value = Int(parts[3]), value > 0 else { return nil }
            count = value
        }
        guard status.map({ (200...599).contains($0) }) != false else { return nil }
    }

    /// Reads the body of `POST /_devchat/fault`; nil when it does not fit.
    init?(json: [String: JSON]) {
        let known: Set<String> = ["route", "kind", "ms", "status", "count", "body", "skip", "onlyRequests"]
        guard known.isSuperset(of: json.keys), let route = json["route"]?.text, !route.isEmpty,
            let kind = json["kind"]?.text.flatMap(Kind.init(rawValue:))
        else { return nil }
        self.init(
            route: route, kind: kind, milliseconds: json["ms"]?.number, status: json["status"]?.number,
            count: json["count"]?.number, body: json["body"], skip: json["skip"]?.number ?? 0,
            onlyRequests: json["onlyRequests"]?.flag ?? false)
        guard status.map({ (200...599).contains($0) }) != false else { return nil }
    }
}
