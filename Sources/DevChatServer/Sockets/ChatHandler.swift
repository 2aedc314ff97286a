import FlyingFox
import Foundation

/// Turns FlyingFox's requests into the server's, and the answers back.
struct ChatHandler: HTTPHandler {
    let chat: ChatServer

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        if request.path == "/websocket" {
            if let reply = await chat.answerToUpgrade() { return try await response(to: request, reply) }
            let socket = MessageFrameWSHandler(handler: RealtimeSocket(chat: chat))
            return try await WebSocketHTTPHandler(handler: socket).handleRequest(request)
        }
        let headers = request.headers.map { ($0.key.rawValue, $0.value) }
        let chatRequest = ChatRequest(
            request.method.rawValue, request.target.rawValue,
            headers: Dictionary(headers, uniquingKeysWith: { first, _ in first }),
            body: Array(try await request.bodyData), clientAddress: Self.host(of: request.remoteAddress))
        return try await response(to: request, await chat.answer(chatRequest))
    }

    private func response(to request: HTTPRequest, _ reply: ChatReply) async throws -> HTTPResponse {
        switch reply.delivery {
        case .whole, .truncated: break
        case .reset:
            if let peer = request.remoteAddress { ConnectionReset.arm(peer: peer) }
            return HTTPResponse(webSocket: Disconnection())
        case .silence: return HTTPResponse(webSocket: Disconnection())
        }
        var headers = HTTPHeaders()
        for (name, value) in reply.headers { headers[HTTPHeader(name)] = value }
        let status = HTTPStatusCode(reply.status, phrase: Self.phrase(of: reply.status))
        let data = Data(reply.body)
        guard reply.delivery == .truncated else {
            return HTTPResponse(statusCode: status, headers: headers, body: data)
        }
        let half = HTTPBodySequence(from: TruncatedBody(bytes: data), count: data.count)
        return HTTPResponse(statusCode: status, headers: headers, body: half)
    }

    private static func host(of address: HTTPRequest.Address?) -> String {
        switch address {
        case .ip4(let host, _), .ip6(let host, _): host
        case .unix, nil: "local"
        }
    }

    private static func phrase(of status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Status"
        }
    }
}
