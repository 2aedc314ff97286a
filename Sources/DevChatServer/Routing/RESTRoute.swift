/// One REST route: who may call it, what it takes, what it does.
struct RESTRoute: Sendable {
    /// How a route's parameters are declared; it decides error texts and, on band 7, the order of checks.
    enum Style: Sendable {
        /// The older `validateParams`, or checks by hand.
        case legacy
        /// Declared bodies and queries.
        case typed
    }

    /// `im.create`; the path below `/api/v1/`, without further components.
    var name: String
    var method: String
    var style: Style
    /// Whether a user must be signed in.
    var authenticated = true
    /// The caller needs one of these; none listed asks nothing.
    var permissions: [String] = []
    var body: ParameterSchema?
    var query: ParameterSchema?
    var twoFactor = false
    var rateLimited = true
    /// How many path components follow the name.
    var pathArguments = 0
    /// Whether `success: true` is added to what the action returns.
    var addsSuccess = true
    /// The route's doing; it runs with the whole world locked, so it never waits.
    var action: @Sendable (inout ChatWorld, RESTCall) throws(ChatError) -> [String: JSON]

    /// A route whose query is checked.
    static func get(
        _ name: String, _ style: Style = .typed, query: ParameterSchema? = nil, permissions: [String] = [],
        authenticated: Bool = true,
        action: @escaping @Sendable (inout ChatWorld, RESTCall) throws(ChatError) -> [String: JSON]
    ) -> RESTRoute {
        RESTRoute(
            name: name, method: "GET", style: style, authenticated: authenticated, permissions: permissions,
            query: query, action: action)
    }

    /// A route whose JSON body is checked.
    static func post(
        _ name: String, _ style: Style = .typed, body: ParameterSchema? = nil, permissions: [String] = [],
        twoFactor: Bool = false,
        action: @escaping @Sendable (inout ChatWorld, RESTCall) throws(ChatError) -> [String: JSON]
    ) -> RESTRoute {
        RESTRoute(
            name: name, method: "POST", style: style, permissions: permissions, body: body, twoFactor: twoFactor,
            action: action)
    }
}
