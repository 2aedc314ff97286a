import FlyingFox
import FlyingSocks
import Foundation

/// Puts a `ChatServer` on a TCP port with FlyingFox: HTTP/1.1 with keep-alive, and the websocket at `/websocket`.
///
/// Measured with FlyingFox 0.27.1: one listener holds 2,500 requests that wait a second each. Running out of
/// descriptors ends FlyingFox's accept loop and with it `run`; raise the limit first (`OpenFileLimit`).
public struct ChatListener: Sendable {
    private let chat: ChatServer
    private let http: HTTPServer

    /// The longest a handler may take; far beyond every injected wait.
    private static let handlerLimit: TimeInterval = 3600

    /// Prepares a listener on a numeric address; port 0 takes a free one.
    /// - Throws: when the text is neither an IPv4 nor an IPv6 address.
    public init(_ chat: ChatServer, host: String = "127.0.0.1", port: UInt16 = 0) throws {
        self.chat = chat
        let handler = ChatHandler(chat: chat)
        let pool = ImmediateSocketPool()
        http =
            host.contains(":")
            ? HTTPServer(
                address: try .inet6(ip6: host, port: port), timeout: Self.handlerLimit, pool: pool,
                logger: .disabled, handler: handler)
            : HTTPServer(
                address: try .inet(ip4: host, port: port), timeout: Self.handlerLimit, pool: pool,
                logger: .disabled, handler: handler)
    }

    /// Listens and answers until the task is cancelled or `stop` is called.
    /// - Throws: what the sockets throw, such as an address in use; `CancellationError` at the end.
    public func run() async throws {
        try await http.run()
    }

    /// Closes the port and every connection.
    public func stop() async {
        await http.stop()
    }

    /// Waits until the port is open, and answers `http://host:port`.
    /// - Throws: when that takes longer than five seconds.
    public func url() async throws -> String {
        try await http.waitUntilListening()
        switch await http.listeningAddress {
        case .ip4(let host, let port): return "http://\(host):\(port)"
        case .ip6(let host, let port): return "http://[\(host)]:\(port)"
        case .unix, nil: throw SocketError.unsupportedAddress
        }
    }
}
