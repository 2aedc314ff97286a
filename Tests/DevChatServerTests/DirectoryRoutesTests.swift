import Testing

@testable import DevChatServer

@Suite("Finding people and rooms")
struct DirectoryRoutesTests {
    private static let tight: Set<String> = ["view-joined-room", "delete-own-message"]

    private func usernames(_ reply: ChatReply, _ key: String) -> [String] {
        (reply.json?[key]?.list ?? []).compactMap { $0["username"]?.text }
    }

    @Test("with Rocket.Chat's defaults a user finds everybody and every channel")
    func open() async throws {
        let chat = ChatFixture()
        let cust = try chat.person("cust")
        let directory = await chat.get("directory?type=users&text=agent", as: cust)
        #expect(usernames(directory, "result") == ["agent.a", "agent.b"] && directory.json?["total"] == 2)
        #expect(directory.json?["result"]?.list?.first?["emails"] == nil)
        #expect(usernames(await chat.get("spotlight?query=AGENT.a", as: cust), "users") == ["agent.a"])
        let selector = "users.autocomplete?selector=%7B%22term%22%3A%22agent%22%7D"
        #expect(usernames(await chat.get(selector, as: cust), "items") == ["agent.a", "agent.b"])
        for (target, key) in [
            ("directory?type=channels", "result"), ("channels.list", "channels"), ("spotlight?query=gener", "rooms"),
        ] {
            #expect(await chat.get(target, as: cust).json?[key]?.list?.map { $0["_id"] } == ["GENERAL"], "\(target)")
        }
        #expect(await chat.get("directory?type=nonsense", as: cust).error == "Please verify the parameters")
    }

    @Test("addresses in the directory are for view-full-other-user-info")
    func addresses() async throws {
        let chat = ChatFixture()
        let reply = await chat.get("directory?type=users&text=agent.a", as: try chat.person())
        #expect(reply.json?["result"]?.list?.first?["emails"] == [["address": "a@x.tld", "verified": true]])
    }

    @Test("without the permissions a user finds nobody but those whose rooms they share, and reads these rooms still")
    func closed() async throws {
        let chat = ChatFixture { $0.customerPermissions = Self.tight }
        let (gateway, cust) = (try chat.person(), try chat.person("cust"))
        #expect(await chat.get("directory?type=users&text=agent", as: cust).status == 400)
        #expect(await chat.get("directory?type=channels", as: cust).status == 400)
        #expect(await chat.get("users.list", as: cust).status == 403)
        let before = await chat.get("spotlight?query=e", as: cust)
        #expect(before.json == ["users": [], "rooms": [], "success": true])
        #expect(await chat.get("channels.list", as: cust).json?["channels"] == [])
        #expect(await chat.get("rooms.get", as: cust).json == ["update": [], "remove": [], "success": true])
        #expect(await chat.post("im.create", ["username": "agent.a"], as: cust).errorType == "error-not-allowed")
        _ = await chat.post("im.create", ["usernames": "cust,agent.a", "excludeSelf": true], as: gateway)
        #expect(usernames(await chat.get("spotlight?query=agent", as: cust), "users") == ["agent.a"])
        let group = try await chat.group("room", ["cust", "agent.b"], by: gateway)
        let selector = "users.autocomplete?selector=%7B%22term%22%3A%22agent%22%7D"
        #expect(usernames(await chat.get(selector, as: cust), "items") == ["agent.a", "agent.b"])
        #expect(await chat.get("groups.history?roomId=\(group)", as: cust).status == 200)
        #expect(await chat.get("rooms.get", as: cust).json?["update"]?.list?.count == 2)
    }

    @Test("a user who may look at no rooms at all reads not even their own")
    func none() async throws {
        let chat = ChatFixture { $0.customerPermissions = [] }
        let (gateway, cust) = (try chat.person(), try chat.person("cust"))
        let group = try await chat.group("room", ["cust"], by: gateway)
        #expect(await chat.get("groups.history?roomId=\(group)", as: cust).status == 400)
        #expect(await chat.get("channels.list", as: cust).status == 403)
    }
}
