import EventLoop
import Glibc
import HTTPMessage
import Logging
import TestSupport

@testable import FastCGI

/// A server whose process can be made to look out of descriptors.
final class ExhaustibleServer: Sendable {
    let server: FastCGIServer
    let address: String
    private let loops: RunningLoops
    private let folder: TemporaryFolder

    /// Asks `isExhausted` at each accept; the spare descriptor's place is always good for one.
    init(isExhausted: @escaping @Sendable () -> Bool) throws {
        folder = try TemporaryFolder()
        loops = try RunningLoops()
        let listener = try ListenSocket.open(ListenAddress(folder.path + "/s"))
        address = "\(listener.address)"
        let attempts = Tally()
        server = try FastCGIServer(
            loops: [loops.loop], listeners: [listener],
            configuration: FastCGIConfiguration(acceptPause: .milliseconds(5)), logger: Logger(label: "test"),
            accept: { listener in
                guard isExhausted() else { return Self.take(listener) }
                attempts.add()
                // First attempt fails and pauses; the second fails and frees the spare; the third takes its place.
                if attempts.value % 3 == 0 { return Self.take(listener) }
                errno = EMFILE
                return -1
            },
            handler: TestServer.echo)
        server.start()
    }

    private static func take(_ listener: Int32) -> Int32 {
        let descriptor = accept(listener, nil, nil)
        if descriptor >= 0 { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        return descriptor
    }

    func answers() async throws -> Bool {
        let address = address
        return try await FastCGIClient.background { () throws in
            try FastCGIClient(address).exchange(FastCGIBytes.request()).status == 200
        }
    }
}
