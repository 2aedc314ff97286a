import FlyingFox

/// One websocket: frames in go to the server in order, frames out come from it in order.
struct RealtimeSocket: WSMessageHandler {
    let chat: ChatServer

    func makeMessages(for client: AsyncStream<WSMessage>) async throws -> AsyncStream<WSMessage> {
        let (outgoing, continuation) = AsyncStream.makeStream(of: WSMessage.self)
        let number = chat.withWorld { world in
            world.openSocket { frame in
                if let frame {
                    continuation.yield(.text(frame))
                } else {
                    continuation.yield(.close(.normalClosure))
                    continuation.finish()
                }
            }
        }
        Task { [chat] in
            for await message in client {
                if case .text(let text) = message { chat.withWorld { $0.receive(text, on: number) } }
            }
            chat.withWorld { $0.closeSocket(number) }
            continuation.finish()
        }
        return outgoing
    }
}
