/// Every REST route of a band, found by method and name.
struct RouteTable: Sendable {
    /// What a path leads to.
    enum Match {
        case route(RESTRoute, arguments: [String])
        case wrongMethod
        case unknown
    }

    private let routes: [String: [String: RESTRoute]]

    init(band: VersionBand) {
        let all =
            SessionRoutes.routes + AccountRoutes.routes(band: band) + UserRoutes.routes + PresenceRoutes.routes
            + PersonalTokenRoutes.routes + DirectRoomRoutes.routes + GroupRoutes.routes + MembershipRoutes.routes
            + RoomRoutes.routes + HistoryRoutes.routes + MessageRoutes.routes + UploadRoutes.routes
            + ServerRoutes.routes + DirectoryRoutes.routes
        routes = all.reduce(into: [:]) { $0[$1.name, default: [:]][$1.method] = $1 }
    }

    /// The names of all routes, sorted.
    var names: [String] {
        routes.keys.sorted()
    }

    /// The route's name within a path, as faults and counters know it; nil outside the REST API.
    static func name(of path: String) -> String? {
        if path == "/api/info" { return "info" }
        guard path.hasPrefix("/api/v1/") else { return nil }
        return path.dropFirst("/api/v1/".count).split(separator: "/").first.map(String.init)
    }

    func match(_ request: ChatRequest) -> Match {
        guard let name = Self.name(of: request.path), let methods = routes[name] else { return .unknown }
        guard let route = methods[request.method] else { return .wrongMethod }
        let arguments = request.path.split(separator: "/").map(String.init).dropFirst(name == "info" ? 2 : 3)
        guard arguments.count == route.pathArguments else { return .unknown }
        return .route(route, arguments: Array(arguments))
    }
}
