/// One answer of the stand-in server, and how much of it the peer is to get.
struct ChatReply: Sendable {
    /// How the answer travels; all but `whole` are faults.
    enum Delivery: Sendable, Equatable {
        /// As HTTP has it.
        case whole
        /// The head and half of the body, then the end of the connection.
        case truncated
        /// A TCP reset instead of any byte.
        case reset
        /// Silence for so many milliseconds, then the end of the connection.
        case silence(milliseconds: Int)
    }

    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var delivery = Delivery.whole

    /// A JSON answer with the headers Rocket.Chat puts on every reply.
    init(status: Int = 200, json: JSON) {
        self.init(status: status, contentType: "application/json", body: json.bytes)
    }

    /// An answer of any type, not to be cached.
    init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.body = body
        headers = [("Content-Type", contentType), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]
    }

    /// How many milliseconds the peer is left without a byte; nil when it gets an answer or a reset at once.
    var silence: Int? {
        if case .silence(let milliseconds) = delivery { milliseconds } else { nil }
    }

    /// The body as JSON; nil when it is none.
    var json: JSON? {
        JSON(parsing: body)
    }

    /// The first header of that name, compared without case.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
