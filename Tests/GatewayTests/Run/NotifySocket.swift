import Glibc
import Testing

@testable import Gateway

/// systemd's end of sd_notify(3), which goes away with the value.
final class NotifySocket: Sendable {
    let path: String
    let descriptor: Int32

    init() throws {
        var template = Array("/tmp/customers-notify-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/s"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
    }

    deinit {
        close(descriptor)
        unlink(path)
        rmdir(String(path.dropLast(2)))
    }

    /// What a service is told about it.
    func environment(_ more: [String: String] = [:]) -> [String: String] {
        more.merging(["NOTIFY_SOCKET": path]) { $1 }
    }

    /// The next message; nil when there is none.
    func next() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Waits for a message that contains `text`; false when none comes for ten seconds.
    func gets(_ text: String) async -> Bool {
        for _ in 0..<2_000 {
            while let message = next() { if message.contains(text) { return true } }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }
}
