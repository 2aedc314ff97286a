import EventLoop
import FastCGI
import Glibc
import HTTPMessage

// The daemon's own event loops, gate, libfcgi and response writer, with a constant for an answer: what an auth_ping
// costs before the first look at its token. `constant SOCKET`
guard CommandLine.arguments.count == 2 else { exit(2) }
try FastCGILibrary.initialize()
let listener = try ListenSocket.open(ListenAddress(CommandLine.arguments[1]), options: ListenOptions(mode: 0o666))
let group = try EventLoopGroup(count: 0)
let body = Array("\"pong\"".utf8)
@Sendable func answer(_ request: HTTPRequest) -> HTTPResponse {
    HTTPResponse(
        status: 200,
        headers: [
            (.contentType, "application/json"), (.cacheControl, "no-store"), (.contentTypeOptions, "nosniff"),
            (.requestID, request.requestID),
        ], body: body)
}
let server = try FastCGIServer(loops: group.loops, listeners: [listener], atOnce: { request, _ in answer(request) }) {
    request, _ in answer(request)
}
server.start()
// libfcgi takes the signal for itself; this one ends at once.
signal(SIGTERM, SIG_DFL)
group.run()
