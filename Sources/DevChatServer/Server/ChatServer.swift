import Synchronization

/// A stand-in Rocket.Chat server in memory: REST, realtime, and a private control API, without any socket.
///
/// `ChatListener` puts it on a port. Everything here may be called from any thread; one lock guards the whole world,
/// and no call holds it while waiting. See `DESIGN.md` section 5; the contract is Rocket.Chat's, of which
/// `RouteTable` lists the routes that are there.
public final class ChatServer: Sendable {
    private let options: ServerOptions
    private let clock: @Sendable () -> Timestamp
    private let routes: RouteTable
    private let pipeline: RoutePipeline
    private let world: Mutex<ChatWorld>

    /// Starts empty but for the options' users, the bot and the channel every server has.
    public convenience init(options: ServerOptions = ServerOptions()) {
        self.init(options: options, clock: { .now })
    }

    init(options: ServerOptions, clock: @escaping @Sendable () -> Timestamp) {
        self.options = options
        self.clock = clock
        routes = RouteTable(band: options.band)
        pipeline = RoutePipeline(band: options.band)
        world = Mutex(ChatWorld(options: options, now: clock()))
    }

    /// Works on the world at the present moment, then sends what that left for websockets.
    func withWorld<Result: Sendable>(_ body: (inout ChatWorld) -> Result) -> Result {
        world.withLock { world in
            world.now = clock()
            let result = body(&world)
            world.flushOutbox()
            return result
        }
    }

    /// Forgets everything that happened since the start; websockets are closed.
    func reset() {
        let fresh = ChatWorld(options: options, now: clock())
        let closing = world.withLock { world in
            let closing = world.sockets.open.values.map(\.send)
            world.faults.clear()
            world = fresh
            return closing
        }
        for send in closing { send(nil) }
    }

    /// Answers one request: armed faults first, then the route; a silence is over when it returns.
    func answer(_ request: ChatRequest) async -> ChatReply {
        if request.path.hasPrefix("/_devchat/") { return await ControlAPI.answer(request, self) }
        if request.path.hasPrefix("/file-upload/") { return withWorld { FileDownload.answer(request, $0) } }
        let name = RouteTable.name(of: request.path) ?? "unknown"
        let plan = withWorld { world in
            world.calls.began()
            let plan = world.faults.take(route: name, isForRequest: request.headers["x-request-id"] != nil)
            if let fault = plan.fault { world.record("fault", ["route": .string(name), "fault": fault.json]) }
            return plan
        }
        await plan.wait()
        let reply = withWorld { world in
            let (reply, userID) = outcome(request, name, plan, &world)
            let delivered = reply.delivery == .whole || reply.delivery == .truncated
            let status = delivered ? reply.status : 0
            if reply.silence == nil { world.calls.ended("\(request.method) \(name)", status: status) }
            world.record("request", RequestRecord.fields(of: request, status: status, user: world.users[userID]))
            return reply
        }
        // What was done is done, but the call is open for as long as its caller waits.
        if let silence = reply.silence {
            try? await Task.sleep(for: .milliseconds(silence))
            withWorld { $0.calls.ended("\(request.method) \(name)", status: 0) }
        }
        return reply
    }

    /// Takes the faults of a websocket's upgrade; the answer that replaces it, if any.
    func answerToUpgrade() async -> ChatReply? {
        let plan = withWorld { $0.faults.take(route: "websocket") }
        await plan.wait()
        let reply = withWorld { plan.replacement(now: $0.now, band: $0.band) }
        if let silence = reply?.silence { try? await Task.sleep(for: .milliseconds(silence)) }
        return reply
    }

    private func outcome(
        _ request: ChatRequest, _ name: String, _ plan: FaultPlan, _ world: inout ChatWorld
    ) -> (reply: ChatReply, userID: String) {
        if let replacement = plan.replacement(now: world.now, band: world.band) { return (replacement, "") }
        switch routes.match(request) {
        case .unknown: return (ChatReply(status: 404, json: ["success": false, "error": "Resource not found"]), "")
        case .wrongMethod:
            return (ChatReply(status: 405, json: ["success": false, "error": "Method Not Allowed"]), "")
        case .route(let route, let arguments):
            var call = RESTCall(
                request: request, pathArguments: arguments,
                values: request.method == "GET" ? request.queryFields : request.json)
            call.dropsUnknownNames = plan.fault?.kind == .silentDrop
            call.tokensUndefined = plan.fault?.kind == .tokensUndefined
            guard plan.undoes(route: name) else {
                let (reply, userID) = pipeline.run(route, call, in: &world)
                return (plan.shaping(reply), userID)
            }
            let before = world
            let result = pipeline.run(route, call, in: &world)
            world.restoreContent(of: before)
            return result
        }
    }
}
