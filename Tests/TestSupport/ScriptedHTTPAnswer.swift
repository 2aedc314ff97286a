/// What a ``ScriptedHTTPServer`` does with a request.
public struct ScriptedHTTPAnswer: Sendable {
    /// What becomes of the connection after the bytes.
    public enum Ending: Sendable {
        /// It waits for the next request.
        case keep
        /// It is closed in order (FIN).
        case close
        /// It is reset (RST).
        case reset
    }

    /// Bytes as they go over the wire.
    public var bytes: [UInt8]
    /// How long the server takes before it sends them.
    public var delay: Duration
    /// What comes after them.
    public var ending: Ending

    /// Makes an answer of any bytes.
    public init(bytes: [UInt8], delay: Duration = .zero, ending: Ending = .keep) {
        self.bytes = bytes
        self.delay = delay
        self.ending = ending
    }

    /// These bytes and no others.
    public static func raw(_ text: String, delay: Duration = .zero, ending: Ending = .keep) -> ScriptedHTTPAnswer {
        ScriptedHTTPAnswer(bytes: Array(text.utf8), delay: delay, ending: ending)
    }

    /// A complete reply with a JSON body.
    public static func json(
        _ body: String, status: Int = 200, headers: [(String, String)] = [], delay: Duration = .zero
    ) -> ScriptedHTTPAnswer {
        reply(Array(body.utf8), type: "application/json", status: status, headers: headers, delay: delay)
    }

    /// A complete reply.
    public static func reply(
        _ body: [UInt8], type: String, status: Int = 200, headers: [(String, String)] = [], delay: Duration = .zero,
        ending: Ending = .keep
    ) -> ScriptedHTTPAnswer {
        var head = "HTTP/1.1 \(status) Status\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        return ScriptedHTTPAnswer(bytes: Array((head + "\r\n").utf8) + body, delay: delay, ending: ending)
    }

    /// The connection is reset before anything is said.
    public static let reset = ScriptedHTTPAnswer(bytes: [], delay: .zero, ending: .reset)
    /// No answer ever; the connection stays open.
    public static let silence = ScriptedHTTPAnswer(bytes: [], delay: .zero, ending: .keep)
}
