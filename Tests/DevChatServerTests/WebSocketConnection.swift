import Foundation

@testable import DevChatServer

/// The client's side of a websocket, RFC 6455: masked text frames out, whole frames in.
///
/// ```
/// 0: FIN opcode   1: MASK length   (2 or 8 bytes of length)   4 bytes of mask   payload
/// ```
struct WebSocketConnection {
    private var connection: RawConnection

    init(url: String) async throws {
        connection = try await RawConnection(url: url)
        try await connection.send(
            "GET /websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        let head = try await connection.head()
        guard head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") else { throw ChatError.plain(head) }
    }

    func send(_ frame: JSON) async throws {
        let payload = frame.bytes
        var bytes: [UInt8] = [0x81]
        if payload.count < 126 {
            bytes.append(0x80 | UInt8(payload.count))
        } else {
            bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        }
        let mask: [UInt8] = [1, 2, 3, 4]
        bytes += mask
        bytes += payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
        try await connection.send(bytes)
    }

    /// The next text frame; nil when the server closes.
    mutating func next() async throws -> JSON? {
        let head = try await connection.take(2)
        var length = Int(head[1] & 0x7F)
        if length == 126 { length = try await connection.take(2).reduce(0) { $0 << 8 | Int($1) } }
        let payload = try await connection.take(length)
        return head[0] == 0x81 ? JSON(parsing: payload) : nil
    }

    /// Reads until a frame of that kind comes.
    mutating func next(_ kind: String) async throws -> JSON {
        while let frame = try await next() {
            if frame["msg"]?.text == kind { return frame }
        }
        throw ChatError.plain("closed before \(kind)")
    }

    func close() throws {
        try connection.close()
    }
}
