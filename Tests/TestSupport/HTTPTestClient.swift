internal import EventLoop
internal import Synchronization

/// Sends requests to one server, each on a connection of its own, thousands at a time if need be.
public final class HTTPTestClient: Sendable {
    /// Where the requests go.
    public let server: HTTPTestServerAddress

    /// One loop serves all clients of the test process.
    static let loops: RunningLoops? = try? RunningLoops()

    /// Makes a client.
    public init(_ server: HTTPTestServerAddress) { self.server = server }

    /// Sends a request and returns the complete answer.
    ///
    /// - Throws: ``HTTPTestError``, also when the answer breaks the rules of HTTP/1.1.
    public func send(_ request: HTTPTestRequest, within patience: Duration = .seconds(40)) async throws -> HTTPTestReply
    {
        let name = "\(request.method) \(request.target)"
        let bytes = try await exchange(request.bytes, name: name, within: patience)
        return try HTTPTestReply(parsing: bytes, toHead: request.method == "HEAD")
    }

    /// Sends bytes as they are and returns everything that comes until the server closes the connection.
    ///
    /// - Throws: ``HTTPTestError`` when it cannot be reached, or does not close in time.
    public func exchange(
        _ bytes: [UInt8], name: String = "raw bytes", within patience: Duration = .seconds(40)
    ) async throws -> [UInt8] {
        guard let loop = Self.loops?.loop else { throw HTTPTestError.malformed("no loop") }
        let server = server
        return try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                let connection = HTTPTestConnection(server, loop: loop)
                var received: [UInt8] = []
                let timer = loop.schedule(after: patience * TestPatience.factor) {
                    connection.close()
                    continuation.resume(throwing: HTTPTestError.timedOut(name))
                }
                connection.onBytes = { received += $0 }
                connection.onEnd = { error in
                    timer.cancel()
                    // What was said before a reset counts if it is complete; the parser finds out.
                    if let error, received.isEmpty {
                        continuation.resume(throwing: error)
                    } else {
                        continuation.resume(returning: received)
                    }
                }
                connection.start()
                connection.send(bytes)
            }
        }
    }

    /// Sends bytes and goes away without waiting for an answer, as soon as they are on their way.
    public func sendAndLeave(_ bytes: [UInt8], after delay: Duration = .milliseconds(20)) async {
        guard let loop = Self.loops?.loop else { return }
        let server = server
        await withCheckedContinuation { continuation in
            loop.execute {
                let connection = HTTPTestConnection(server, loop: loop)
                connection.start()
                connection.send(bytes)
                loop.schedule(after: delay) {
                    connection.close()
                    continuation.resume()
                }
            }
        }
    }
}
