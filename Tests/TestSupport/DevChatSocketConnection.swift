internal import EventLoop

/// The websocket under a ``DevChatSocket`` (RFC 6455), client side: masked text frames out, whole text frames in.
///
///     |F|R|op 4|M| length 7 | length 16 | mask 32 | payload |
final class DevChatSocketConnection: Sendable {
    enum Event: Sendable {
        case upgraded
        case frame(String)
        case ended
    }

    private let loop: EventLoop
    private let connection: HTTPTestConnection

    init(_ server: HTTPTestServerAddress, loop: EventLoop) {
        self.loop = loop
        connection = HTTPTestConnection(server, loop: loop)
    }

    func start(_ handler: @escaping @Sendable (Event) -> Void) {
        loop.execute { [connection] in
            var input: [UInt8] = []
            var isUpgraded = false
            connection.onBytes = { bytes in
                input += bytes
                if !isUpgraded {
                    guard let end = input.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
                    guard input.starts(with: Array("HTTP/1.1 101".utf8)) else { return handler(.ended) }
                    input.removeFirst(end.upperBound)
                    isUpgraded = true
                    handler(.upgraded)
                }
                while let text = Self.takeFrame(&input) { if !text.isEmpty { handler(.frame(text)) } }
            }
            connection.onEnd = { _ in handler(.ended) }
            connection.start()
            let head = [
                "GET /websocket HTTP/1.1", "Host: chat.test", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", "",
            ]
            connection.send(Array(head.joined(separator: "\r\n").utf8))
        }
    }

    func send(_ text: String) {
        let payload = Array(text.utf8)
        var frame: [UInt8] = [0x81]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8 & 0xFF), UInt8(payload.count & 0xFF)]
        }
        // A mask of zero is a mask; it hides nothing, and nothing needs hiding here.
        frame += [0, 0, 0, 0] + payload
        let bytes = frame
        loop.execute { [connection] in connection.send(bytes) }
    }

    func close() {
        loop.execute { [connection] in connection.close() }
    }

    /// The next text frame; "" for any other kind, nil while it is not complete.
    private static func takeFrame(_ input: inout [UInt8]) -> String? {
        guard input.count >= 2 else { return nil }
        var length = Int(input[1] & 0x7F)
        var start = 2
        if length == 126 {
            guard input.count >= 4 else { return nil }
            length = Int(input[2]) << 8 | Int(input[3])
            start = 4
        } else if length == 127 {
            guard input.count >= 10 else { return nil }
            length = input[2..<10].reduce(0) { $0 << 8 | Int($1) }
            start = 10
        }
        guard input.count >= start + length else { return nil }
        let payload = input[start..<start + length]
        let text = input[0] & 0x0F == 1 ? String(decoding: payload, as: UTF8.self) : ""
        input.removeFirst(start + length)
        return text
    }
}
