import Foundation
import TestSupport
import Testing

/// `client_connect`: anybody with a tenant's public key starts a room with a department.
@Suite("Client connect", .ownProcesses, .installation())
struct ClientConnectTests {
    private let bed: TestBed
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        chat = try bed.installation.chat
    }

    @Test("a caller without a name is a guest with a name that nobody can guess")
    func guests() async throws {
        let tenant = try await bed.tenant()
        var names: Set<String> = []
        for _ in 0..<10 {
            let answer = try await tenant.started()
            let name = answer["customer_name"].string ?? ""
            #expect(name.wholeMatch(of: /u[0-9a-z]{20,}/) != nil, "\(name)")
            names.insert(name)
        }
        #expect(names.count == 10)
    }

    @Test("the room is a private group of the customer, one agent and the gateway, which both can read")
    func privateGroup() async throws {
        let tenant = try await bed.tenant()
        let answer = try await tenant.started()
        let rid = answer["rid"].string ?? ""
        let room = try #require(try await chat.room(rid))
        #expect(room["t"] == "p")
        let members = try await chat.members(of: rid)
        #expect(members.count == 3 && members.contains("gateway") && members.contains(tenant.plan.agents[0].username))
        let customer = (id: answer["id"].string ?? "", token: answer["token"].string ?? "")
        #expect(try await chat.call("GET", "groups.info?roomId=\(rid)", as: customer).status == 200)
    }

    @Test("group_name is department name, customer name and department id; the chat server's name is a slug")
    func groupName() async throws {
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init("售后服务", isDefault: true)]))
        let name = "苏州小方"
        let answer = try await tenant.started([("name", name)])
        #expect(answer["group_name"].string == "售后服务_\(name)_\(tenant.department())")
        #expect(answer["customer_name"].string == name)
        let room = try #require(try await chat.room(answer["rid"].string ?? ""))
        #expect(room["name"].string?.wholeMatch(of: /[0-9a-z._-]+/) != nil, "\(room)")
    }

    @Test("group_id, room_id and rid are one opaque value, never parsed")
    func opaqueRoomID() async throws {
        let tenant = try await bed.tenant()
        let token = try await tenant.started()["token"].string ?? ""
        for rid in ["GENERAL", "x", "../../etc", "苏州", String(repeating: "r", count: 300), "a b%c?d&e=f"] {
            try expectError(try await tenant.history(rid, token: token), 404)
            try expectError(try await tenant.shutdown(rid, token: token), 404)
            try expectError(try await tenant.transfer(rid, token: token), 404)
            #expect(try await tenant.clientConnect([("group_id", rid)]).status == 200)
        }
    }

    // MARK: api_key

    @Test("api_key may be written dashed or as 32 hex digits, in any case")
    func spellings() async throws {
        let tenant = try await bed.tenant()
        let hex = tenant.id.replacingOccurrences(of: "-", with: "")
        for apiKey in [tenant.id, tenant.id.uppercased(), hex, hex.uppercased()] {
            let reply = try await bed.client.send(.form("/customers/client_connect", [("api_key", apiKey)]))
            #expect(reply.status == 200, "\(reply)")
        }
    }

    @Test("without api_key: 400; malformed: 400; unknown: 401")
    func apiKey() async throws {
        _ = try await bed.tenant()
        func call(_ fields: [(String, String)]) async throws -> HTTPTestReply {
            try await bed.client.send(.form("/customers/client_connect", fields))
        }
        try expectInvalid(try await call([]), ["api_key"])
        try expectInvalid(try await call([("api_key", "")]), ["api_key"])
        try expectInvalid(try await call([("api_key", "8009bf1c-5fea")]), ["api_key"])
        try expectInvalid(try await call([("api_key", "8009bf1c-5fea-4221-b19a-fd4278fcb06g")]), ["api_key"])
        try expectError(try await call([("api_key", UUID().uuidString)]), 401, "unauthorized")
    }

    // MARK: Departments

    @Test("without department_id the tenant's default department answers, else all agents under the zero UUID")
    func defaults() async throws {
        let second = GatewayTenantPlan.Department("second", isDefault: true)
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init("first"), second]))
        #expect(try await tenant.started()["group_name"].string?.hasSuffix("_\(second.id)") == true)

        let without = try await bed.tenant(GatewayTenantPlan(departments: [.init("first"), .init("second")]))
        let answer = try await without.started()
        #expect(answer["group_name"].string?.hasSuffix("_00000000-0000-0000-0000-000000000000") == true)
        var agents: Set<String> = []
        for _ in 0..<20 { agents.insert(try await without.started()["agent_id"].string ?? "") }
        #expect(agents.count == 2, "one agent of two departments never came in 20 calls")
    }

    @Test("department_id chooses the department, in any spelling of the UUID")
    func department() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init("first", isDefault: true), .init("second")]))
        let hex = tenant.department(1).replacingOccurrences(of: "-", with: "").uppercased()
        for id in [tenant.department(1), hex] {
            let answer = try await tenant.started([("department_id", id)])
            #expect(answer["group_name"].string?.hasPrefix("second_") == true)
            let members = try await chat.members(of: answer["rid"].string ?? "")
            #expect(members.contains(tenant.plan.departments[1].agents[0].username))
        }
    }

    @Test("a malformed department_id is a 400; an unknown and another tenant's are the same 404")
    func foreignDepartment() async throws {
        let (tenant, other) = (try await bed.tenant(), try await bed.tenant())
        try expectInvalid(try await tenant.clientConnect([("department_id", "sales")]), ["department_id"])
        let unknown = try await tenant.clientConnect([("department_id", UUID().uuidString)])
        let foreign = try await tenant.clientConnect([("department_id", other.department())])
        try expectError(unknown, 404, "not found")
        try expectError(foreign, 404, "not found")
        #expect(try withoutRequestID(unknown) == (try withoutRequestID(foreign)))
    }

    @Test("template, timeout and config are the tenant's, overlaid by the department's")
    func settings() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(
                departments: [
                    .init(
                        "sales", isDefault: true, template: "你好 from sales", timeout: 90,
                        config: #"{color: red, theme: light}"#), .init("support"),
                ]
            ) {
                $0.config = #"{theme: dark, size: 3}"#
                $0.template = "Welcome"
                $0.timeout = 120
            })
        let sales = try await tenant.started()
        #expect(sales["template"] == "你好 from sales")
        #expect(sales["timeout"].int == 90)
        #expect(sales["config"] == ["theme": "light", "size": 3, "color": "red"])
        let support = try await tenant.started([("department_id", tenant.department(1))])
        #expect(support["template"] == "Welcome")
        #expect(support["timeout"].int == 120)
        #expect(support["config"] == ["theme": "dark", "size": 3])
        let connected = try await tenant.connected(someName())
        #expect(connected["template"] == "Welcome")
        #expect(connected["config"] == ["theme": "dark", "size": 3])
    }

    @Test("without settings template is empty, timeout 200 and config an object")
    func defaultSettings() async throws {
        let answer = try await bed.tenant().started()
        #expect(answer["template"] == "")
        #expect(answer["timeout"].int == 200)
        #expect(answer["config"] == [:])
    }

    // MARK: The account

    @Test("a claimed name is believed: the same name is the same customer in the same room")
    func sameName() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let first = try await tenant.started([("name", name)])
        let again = try await tenant.started([("name", name)])
        for key in ["id", "user_id", "rid", "token", "agent_id"] { #expect(first[key] == again[key], "\(key)") }
        #expect(again["resumed"] == true)
        #expect(try await tenant.started([("name", name.uppercased())])["id"] != first["id"])
    }

    @Test(
        "names that break the rules are a 400 that names the field",
        arguments: ["\u{1}", String(repeating: "x", count: 65)])
    func badName(name: String) async throws {
        try expectInvalid(try await bed.tenant().clientConnect([("name", name)]), ["name"])
    }

    @Test("the customer's account cannot be signed in to with the documented password")
    func derivedPassword() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        _ = try await tenant.connected(name)
        await #expect(throws: HTTPTestError.self) { try await chat.logIn(name + tenant.id, password: "HelloWorld1@#") }
    }

    @Test("50 parallel calls of one name make one account and one room")
    func parallel() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let mark = try await chat.mark()
        let answers = try await withThrowingTaskGroup(of: HTTPTestJSON.self) { group in
            for _ in 0..<50 { group.addTask { try await tenant.started([("name", name)]) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.map { $0["id"] }).count == 1)
        #expect(Set(answers.map { $0["rid"] }).count == 1)
        #expect(Set(answers.map { $0["token"] }).count == 1)
        let id = try #require(answers.first?["id"])
        let events = try await chat.events(after: mark)
        #expect(events.count { $0["kind"] == "user-created" && $0["id"] == id } == 1)
        let agent = (try await chat.logIn(tenant.plan.agents[0].username))
        let groups = try success(try await chat.call("GET", "groups.list", as: agent))["groups"].array
        #expect(groups.count == 1)
    }
}

/// An installation whose clients rely on the password that the contract documents.
@Suite("Documented password", .ownProcesses, .installation { $0.configuration.customerPassword = "documented" })
struct DocumentedPasswordTests {
    @Test("the account is the documented one: name and tenant id, password HelloWorld1@#; the start log warns")
    func documented() async throws {
        let bed = try TestBed.current
        let tenant = try await bed.tenant()
        let name = someName()
        let answer = try await tenant.connected(name)
        let user = try await bed.installation.chat.logIn(name + tenant.id, password: "HelloWorld1@#")
        #expect(user.id == answer["im"]["_id"].string)
        #expect(
            try bed.installation.daemon.log.contains { $0.contains("documented") && $0.contains("customer_password") })
    }
}
