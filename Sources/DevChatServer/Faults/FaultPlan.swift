/// What the armed faults do to one call.
struct FaultPlan: Sendable, Equatable {
    /// Milliseconds to wait before anything else.
    var delay = 0
    /// What to wait for besides.
    var holds: [Task<Void, Never>] = []
    /// The fault that shapes the answer, if one does.
    var fault: Fault?

    /// Waits before anything else, as the faults have it.
    func wait() async {
        if delay > 0 { try? await Task.sleep(for: .milliseconds(delay)) }
        for hold in holds { await hold.value }
    }

    /// The answer that replaces the call; nil when the call is to be done.
    func replacement(now: Timestamp, band: VersionBand) -> ChatReply? {
        guard let fault else { return nil }
        switch fault.kind {
        case .status:
            return ChatReply(
                status: fault.status ?? 500,
                json: fault.body ?? ["success": false, "error": "Internal server error"])
        case .reset:
            var reply = ChatReply(status: 0, json: .null)
            reply.delivery = .reset
            return reply
        case .hang:
            var reply = ChatReply(status: 0, json: .null)
            reply.delivery = .silence(milliseconds: fault.milliseconds ?? 3_600_000)
            return reply
        case .html:
            let status = fault.status ?? 502
            let page =
                "<html>\r\n<head><title>\(status)</title></head>\r\n<body>\r\n<center><h1>\(status)</h1></center>"
                + "\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
            return ChatReply(
                status: status, contentType: "text/html", body: Array((fault.body?.text ?? page).utf8))
        case .malformed:
            return ChatReply(
                status: fault.status ?? 200, contentType: "application/json",
                body: Array((fault.body?.text ?? #"{"success":true,"group":{"_id":"#).utf8))
        case .ratelimit:
            let verdict = RateLimiter.Verdict(
                allowed: false, limit: 10, remaining: 0, reset: now.advanced(by: fault.milliseconds ?? 42_000))
            var reply = ChatError.tooManyRequests(seconds: verdict.secondsToWait(now: now)).reply(band: band)
            reply.headers += verdict.headers
            return reply
        case .latency, .hold, .truncate, .createdBut400, .createdButTimeout, .silentDrop, .tokensUndefined: return nil
        }
    }

    /// The answer once the call was done.
    func shaping(_ reply: ChatReply) -> ChatReply {
        guard let fault else { return reply }
        var reply = reply
        switch fault.kind {
        case .truncate: reply.delivery = .truncated
        case .createdBut400:
            let headers = reply.headers
            reply = ChatReply(
                status: fault.status ?? 400,
                json: fault.body ?? ["success": false, "error": "Error trying to send email"])
            reply.headers = headers
        case .createdButTimeout: reply.delivery = .silence(milliseconds: fault.milliseconds ?? 60_000)
        default: break
        }
        return reply
    }

    /// Whether the call is done and then undone.
    func undoes(route: String) -> Bool {
        fault?.kind == .silentDrop && route != "im.create" && route != "dm.create"
    }
}
