import EventLoop
import HTTPClient
import TestSupport

/// A client on a running loop of its own.
struct TestClient {
    let loops: RunningLoops
    let client: HTTPClient

    init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration()) throws {
        loops = try RunningLoops()
        client = HTTPClient(loop: loops.loop, configuration: configuration)
    }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientReply {
        try await client.send(request)
    }

    var transfersInFlight: Int {
        get async { await onLoop { $0.transfersInFlight } }
    }

    func close() async { await onLoop { $0.close() } }

    private func onLoop<Value: Sendable>(_ body: @escaping @Sendable (HTTPClient) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            client.loop.execute { continuation.resume(returning: body(client)) }
        }
    }
}
