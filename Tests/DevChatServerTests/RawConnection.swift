import FlyingSocks
import Foundation

@testable import DevChatServer

/// A TCP connection that sends the bytes a test typed and reads what comes back.
struct RawConnection {
    /// One answer as it came over the wire.
    struct Answer {
        var head: String
        var body: [UInt8]

        var status: Int { Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0 }
        var json: JSON? { JSON(parsing: body) }
    }

    private let socket: AsyncSocket
    private var buffer: [UInt8] = []

    init(url: String) async throws {
        let port = UInt16(url.split(separator: ":").last ?? "") ?? 0
        socket = try await AsyncSocket.connected(to: .inet(ip4: "127.0.0.1", port: port))
    }

    func send(_ text: String) async throws {
        try await socket.write(Data(text.utf8))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await socket.write(Data(bytes))
    }

    /// Sends a request as a client would and reads its answer; the connection stays open.
    mutating func request(
        _ method: String, _ path: String, _ body: JSON? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: localhost"]
        lines += headers.map { "\($0.key): \($0.value)" }
        let content = body?.written ?? ""
        if body != nil { lines += ["Content-Type: application/json", "Content-Length: \(content.utf8.count)"] }
        try await send(lines.joined(separator: "\r\n") + "\r\n\r\n" + content)
        return try await answer()
    }

    /// Reads one answer; throws when the connection ends before its body does.
    mutating func answer() async throws -> Answer {
        let head = try await head()
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.split(separator: " ").last ?? "") }
        return Answer(head: head, body: try await take(length ?? 0))
    }

    /// Reads up to the empty line.
    mutating func head() async throws -> String {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) { bytes += try await take(1) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads exactly so many bytes; throws at the end of the connection.
    mutating func take(_ count: Int) async throws -> [UInt8] {
        while buffer.count < count { buffer += try await socket.read(atMost: 4096) }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    func close() throws {
        try socket.close()
    }
}
