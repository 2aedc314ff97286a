import Foundation
import TestSupport
import Testing

/// A transfer in which one call of the chat server goes wrong, in every way, at every step.
@Suite("Transfer with faults", .ownProcesses, .serialized, .installation())
struct TransferFaultTests {
    private let bed: TestBed
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        chat = try bed.installation.chat
    }

    /// The steps of a transfer to another department, in their order.
    enum Step: String, CaseIterable {
        case add = "groups.invite"
        case verify = "groups.members"
        case remove = "groups.kick"
        case rename = "groups.rename"
        case describe = "groups.setTopic"
    }

    enum Fault: String, CaseIterable {
        case refused, failed, limited, dropped, lost, refusedAfterwards, malformed, silent

        /// As devchat takes it.
        func arming(_ step: Step) -> HTTPTestJSON {
            let route = HTTPTestJSON.string(step.rawValue)
            return switch self {
            case .refused:
                [
                    "route": route, "kind": "status", "status": 400, "count": 1,
                    "body": [
                        "success": false, "error": "no [error-action-not-allowed]",
                        "errorType": "error-action-not-allowed",
                    ],
                ]
            case .failed: ["route": route, "kind": "status", "status": 500, "count": 1]
            case .limited: ["route": route, "kind": "ratelimit", "count": 1]
            case .dropped: ["route": route, "kind": "reset", "count": 1]
            case .lost: ["route": route, "kind": "truncate", "count": 1]
            case .refusedAfterwards: ["route": route, "kind": "created-but-400", "count": 1]
            case .malformed: ["route": route, "kind": "malformed", "count": 1]
            case .silent: ["route": route, "kind": "silent-drop", "count": 1]
            }
        }
    }

    @Test(
        "whatever goes wrong, the customer has an agent all the time, the answer is honest, and the same call again finishes the job",
        arguments: Step.allCases)
    func table(_ step: Step) async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(someName("here"), isDefault: true), .init(someName("there"))]))
        // Of a removal that is said to have happened and has not, nothing can be known.
        for fault in Fault.allCases where (step, fault) != (.remove, .silent) {
            for removalFails in step == .add || step == .verify ? [false, true] : [false] {
                try await play(step, fault, removalFails: removalFails, tenant)
            }
        }
        // Whoever could not be taken out is taken out.
        try await TenantState(installation: bed.installation, plan: tenant.plan).settle(isClosed: false, "\(step)")
    }

    /// `removalFails`: the new agent cannot be taken out again either.
    private func play(_ step: Step, _ fault: Fault, removalFails: Bool, _ tenant: TestTenant) async throws {
        let note: Comment = "\(step) \(fault)\(removalFails ? ", no way back" : "")"
        let (former, wanted) = (tenant.plan.departments[0].agents[0], tenant.plan.departments[1].agents[0])
        let mark = try await chat.mark()
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        if removalFails {
            try await chat.arm(["route": "groups.kick", "kind": "status", "status": 500, "count": 1])
        }
        try await chat.arm(fault.arming(step))
        let target = [("department_id", tenant.department(1))]
        let reply = try await tenant.transfer(rid, token: token, target)
        try await chat.disarm()
        // Honest: who is named has the room; after a failure it is where it was.
        let members = try await chat.members(of: rid)
        let now = try await tenant.started([("group_id", rid)], token: token)
        #expect(now["rid"].string == rid, note)
        if reply.status == 200 {
            #expect(
                try reply.json["agent_id"] == now["agent_id"] && reply.json["agent_id"] != session["agent_id"], note)
            #expect(members.contains(wanted.username), note)
        } else {
            #expect([502, 503, 504].contains(reply.status), "\(note): \(reply)")
            #expect(now["agent_id"] == session["agent_id"] && now["state"] == "assigned", note)
            #expect(members.contains(former.username), note)
            let again = try success(try await tenant.transfer(rid, token: token, target))
            #expect(again["agent_id"] != session["agent_id"] && again["state"] == "assigned", note)
        }
        #expect(try await chat.members(of: rid).contains(wanted.username), note)
        try await expectSomebodyThere(rid, after: mark, [former.username, wanted.username], note)
    }

    /// That at every moment one of the agents was in the room.
    private func expectSomebodyThere(
        _ rid: String, after mark: Int, _ agents: Set<String>, _ note: Comment
    ) async throws {
        var there: Set<String> = []
        for event in try await chat.events(after: mark)
        where event["rid"].string == rid {
            let user = event["user"].string ?? ""
            switch event["kind"].string {
            case "room-created":
                there = agents.intersection(event["members"].array.compactMap(\.string))
            case "member-added" where agents.contains(user): there.insert(user)
            case "member-removed":
                there.remove(user)
                #expect(!there.isEmpty, "\(note): nobody is there after \(event)")
            default: break
            }
        }
    }
}
