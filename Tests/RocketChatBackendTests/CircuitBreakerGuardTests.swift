import ChatBackend
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Circuit breaker around the chat server's calls")
struct CircuitBreakerGuardTests {
    private static let me = ScriptedHTTPAnswer.json(#"{"_id":"svcId"}"#)
    private static let away = ChatBackendError.unavailable(
        "asked again in 1 s; the last call: status 502", mayHaveRun: false)

    @Test("five failures end the calls, one a second finds out, an answer lets all through; each is one line of log")
    func cycle() async throws {
        let world = try CircuitBreakerWorld { _, number in number < 6 ? Answer.gateway : Self.me }
        for _ in 0..<5 { #expect(await world.health() == .unavailable("status 502")) }
        #expect(world.backend.breakerState == .open)
        for _ in 0..<50 { #expect(await world.health() == Self.away) }
        #expect(world.calls == 5)
        world.turn(milliseconds: 1_000)
        #expect(await world.health() == .unavailable("status 502"))
        for _ in 0..<50 { #expect(await world.health() == Self.away) }
        #expect(world.calls == 6)
        world.turn(milliseconds: 1_000)
        #expect(await world.health() == nil)
        #expect(world.backend.breakerState == .closed)
        for _ in 0..<10 { #expect(await world.health() == nil) }
        #expect(world.calls == 17)
        #expect(
            world.log.lines == [
                "notice: the chat server is left alone but for one call a second: "
                    + "5 failures in a row, the last: status 502",
                "notice: the chat server answers again: a call was answered",
            ])
    }

    @Test("refusals and rate limits are answers: they never open it", arguments: [400, 401, 403, 404, 429])
    func refusals(status: Int) async throws {
        let world = try CircuitBreakerWorld { _, _ in Answer.error("no", status: status) }
        for _ in 0..<30 { #expect(await world.health() != nil) }
        #expect(world.calls == 30)
        #expect(world.backend.breakerState == .closed)
    }

    @Test("nobody listening opens it")
    func nobody() async throws {
        let world = try CircuitBreakerWorld(url: "http://127.0.0.1:1") { _, _ in .silence }
        guard case .unavailable(let refused, mayHaveRun: false) = await world.health() else {
            Issue.record("not away")
            return
        }
        #expect(refused.hasPrefix("no connection: Failed to connect to 127.0.0.1 port 1"))
        for _ in 0..<4 { #expect(await world.health() == .unavailable(refused, mayHaveRun: false)) }
        #expect(
            await world.health() == .unavailable("asked again in 1 s; the last call: \(refused)", mayHaveRun: false))
        #expect(
            world.log.lines == [
                "notice: the chat server is left alone but for one call a second: "
                    + "5 failures in a row, the last: \(refused)"
            ])
    }

    @Test("a probe that loses its connection is not sent again")
    func probeOnce() async throws {
        let world = try CircuitBreakerWorld { _, _ in .reset }
        // Reads are repeated while it is closed.
        for _ in 0..<5 { _ = await world.health() }
        #expect(world.calls == 10)
        for second in 1...5 {
            world.turn(milliseconds: 1_000)
            #expect(await world.health() == .unavailable("connection lost"))
            #expect(world.calls == 10 + second)
        }
    }

    @Test("while a probe is waited for all others are refused, and its answer lets them through")
    func oneProbe() async throws {
        let arrived = AsyncStream<Void>.makeStream()
        let world = try CircuitBreakerWorld { _, number in
            if number < 5 { return Answer.gateway }
            arrived.continuation.yield()
            return number == 5 ? .silence : Self.me
        }
        for _ in 0..<5 { _ = await world.health() }
        world.turn(milliseconds: 1_000)
        let probe = Task { await world.health() }
        for await _ in arrived.stream { break }
        #expect(world.backend.breakerState == .halfOpen)
        for _ in 0..<20 {
            #expect(
                await world.health()
                    == .unavailable("asked again in 3 s; the last call: status 502", mayHaveRun: false))
        }
        #expect(world.calls == 6)
        // It may have been sent over a dead connection.
        world.turn(milliseconds: 3_000)
        #expect(await world.health() == nil)
        #expect(world.backend.breakerState == .closed)
        probe.cancel()
        #expect(await probe.value == .cancelled)
        #expect(world.backend.breakerState == .closed)
    }

    @Test("many calls that time out together open it once")
    func together() async throws {
        let world = try CircuitBreakerWorld(deadline: .milliseconds(200)) { _, number in
            number < 40 ? .silence : Self.me
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<40 { group.addTask { #expect(await world.health() == .timedOut) } }
        }
        #expect(world.backend.breakerState == .open)
        #expect(world.log.lines.count == 1)
    }

    @Test("callers who go away do not open it")
    func cancellation() async throws {
        let arrived = AsyncStream<Void>.makeStream()
        let world = try CircuitBreakerWorld { _, _ in
            arrived.continuation.yield()
            return .silence
        }
        var iterator = arrived.stream.makeAsyncIterator()
        for _ in 0..<10 {
            let call = Task { await world.health() }
            await iterator.next()
            call.cancel()
            #expect(await call.value == .cancelled)
        }
        #expect(world.backend.breakerState == .closed)
    }

    @Test("the gateway's own sign-in can be the probe; the call it was for goes on")
    func login() async throws {
        let world = try CircuitBreakerWorld(credential: ScriptedRocketChat.password) { request, number in
            guard number >= 5 else { return Answer.gateway }
            return request.route == "login" ? Answer.login("token") : Self.me
        }
        for _ in 0..<5 { #expect(await world.health() == .unavailable("status 502")) }
        #expect(await world.health() == Self.away)
        world.turn(milliseconds: 1_000)
        #expect(await world.health() == nil)
        #expect(world.backend.breakerState == .closed)
    }
}
