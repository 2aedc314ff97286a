internal import ChatBackend
internal import Customers
internal import CustomersRedis
internal import RocketChatBackend

/// Looks at how it is known who of the agents is online.
struct PresenceCheck {
    let bench: AdminBench

    /// `asksChat`: whether the chat server takes our calls, so that asking it means something.
    func findings(asksChat: Bool) async -> [Finding] {
        var usernames: Set<String> = []
        var paused: [String] = []
        for tenant in bench.plan.tenants.all {
            usernames.formUnion(tenant.agents.map(\.username))
            // Whether Redis answers is looked at elsewhere.
            let look = try? await RedisPresenceStore(bench.worker.redis).look(tenant: tenant.id, fence: nil)
            paused +=
                look.map { look in
                    tenant.agents.filter { look.paused.contains($0.username.lowercased()) }.map {
                        "\($0.username) of \(tenant.name)"
                    }
                } ?? []
        }
        var findings = paused.isEmpty ? [] : [Self.note(paused)]
        guard asksChat, !usernames.isEmpty else { return findings }
        do throws(ChatBackendError) {
            _ = try await bench.worker.chat.presence(ofAgents: usernames.sorted())
        } catch {
            return findings + [
                .warning(
                    "the chat server does not say who of the agents is online: \(error). Whoever was online less than 10 minutes ago "
                        + "counts as online, then nobody does",
                    "users.presence and users.getPresence must answer the gateway's account; look at the rate limit and at the breaker"
                )
            ]
        }
        findings.append(
            bench.worker.chat.presenceIsSwitchedOff
                ? .warning(
                    "the chat server has switched its list of the present off; each agent costs a call every three seconds",
                    "Administration → Settings → Presence: let it broadcast (community servers stop at 200 connections)"
                )
                : .good("the chat server says who of the agents is online"))
        return findings
    }

    private static func note(_ paused: [String]) -> Finding {
        Finding(
            outcome: .note, text: "paused: \(paused.joined(separator: ", "))",
            remedy: "customersctl agent resume lets them take customers again")
    }
}
