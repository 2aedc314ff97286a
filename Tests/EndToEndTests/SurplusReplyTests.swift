import TestSupport
import Testing

/// The chat server, or a proxy before it, says something on idle connections that nobody has asked for: on HTTP/1 it
/// would be the reply to whoever came next.
@Suite("Surplus replies of the chat server", .serialized, .ownProcesses, .installation { $0.relaysChat = true })
struct SurplusReplyTests {
    private let bed: TestBed
    private let installation: GatewayInstallation
    init() throws {
        bed = try .current
        installation = try bed.installation
    }

    private static func reply(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test("a page of another customer's messages is read by nobody")
    func history() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let relay = try #require(installation.relay)
        let message = #"{"_id":"x","rid":"\#(rid)","ts":"2026-01-01T00:00:00.000Z","msg":"of somebody else"}"#
        for _ in 0..<10 {
            await relay.say(Self.reply(#"{"messages":[\#(message)],"success":true}"#))
            let page = try await tenant.history(rid, token: token)
            #expect(page.status == 200)
            #expect(!page.text.contains("somebody else"))
        }
    }

    @Test("the 408 with which an idle connection ends is nobody's answer: all calls go on")
    func idle() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        let relay = try #require(installation.relay)
        let late = "HTTP/1.1 408 Request Time-out\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        for _ in 0..<5 {
            await relay.say(late)
            let session = try await tenant.started()
            let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
            for call in [tenant.history, tenant.transfer] {
                await relay.say(late)
                let reply = try await call(rid, token, [])
                #expect(reply.status == 200, "\(reply.text)")
            }
            await relay.say(late)
            let reply = try await tenant.shutdown(rid, token: token)
            #expect(reply.status == 200, "\(reply.text)")
        }
    }
}
