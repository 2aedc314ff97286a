internal import ChatBackend

extension ChatBackendContract {
    static let directRooms: [ChatBackendContract] = [
        ChatBackendContract("a customer and an agent have one direct room, also when opened at once") { world in
            let (account, credential) = try await world.customer()
            let agents = try await world.agentPresences()
            let ids = try await world.atOnce(10) {
                try await world.backend.openDirectRoom(customer: account, credential: credential, agent: agents[0]).id
            }
            try require(Set(ids).count, equals: 1, "rooms with one agent")
            let other = try await world.backend.openDirectRoom(
                customer: account, credential: credential, agent: agents[1])
            try require(!ids.contains(other.id), "two agents share a room")
            try await world.write("hello", in: other.id, as: credential)
            let page = try await world.backend.history(
                HistoryQuery(rid: other.id, kind: .direct, credential: credential))
            try require(page.messages.count, equals: 1, "messages")
        },
        ChatBackendContract("there is no direct room with an agent who does not exist") { world in
            let (account, credential) = try await world.customer()
            let nobody = AgentPresence(id: "nobody", username: "nobody", status: .online)
            let failure = await world.failure {
                try await world.backend.openDirectRoom(customer: account, credential: credential, agent: nobody)
            }
            try require(failure, equals: .notFound, "a room with nobody")
        },
    ]

    static let groups: [ChatBackendContract] = [
        ChatBackendContract("a group has its members and the gateway, and the customer can use it") { world in
            let (account, credential) = try await world.customer()
            let room = try await world.group(of: account)
            try require(room.isNew, "a new group is new")
            let agent = try await world.agentPresences()[0]
            let members = Set(try await world.backend.members(ofGroup: room.id))
            try require(members.count, equals: 3, "members")
            try require(members.isSuperset(of: [account.id, agent.id]), "customer and agent are members")
            try await world.write("hello", in: room.id, as: credential)
        },
        ChatBackendContract("the same name is the same group, its members left alone, also when opened at once") {
            world in
            let (account, _) = try await world.customer()
            let (other, _) = try await world.customer("cust-2")
            let first = try await world.group(of: account)
            let again = try await world.group(of: other)
            try require(again, equals: ChatRoom(id: first.id, isNew: false), "the second group")
            try require(!(try await world.backend.members(ofGroup: first.id).contains(other.id)), "a member was added")
            let ids = try await world.atOnce(10) { try await world.group("case-2", of: account).id }
            try require(Set(ids).count, equals: 1, "ids of parallel calls")
        },
        ChatBackendContract("looking for a group makes none, and finds it until it is archived") { world in
            let (account, _) = try await world.customer()
            try require(try await world.backend.findGroup(named: "case-1"), equals: nil, "before")
            let room = try await world.group("case-1", of: account)
            try require(try await world.backend.findGroup(named: "case-1"), equals: room.id, "after")
            try await world.backend.archiveRoom(room.id, kind: .group)
            try require(try await world.backend.findGroup(named: "case-1"), equals: nil, "once archived")
        },
        ChatBackendContract("adding and removing a member twice is as good as once") { world in
            let (account, _) = try await world.customer()
            let agents = try await world.agentPresences()
            let room = try await world.group(of: account)
            for _ in 0..<2 { try await world.backend.addMember(agents[1].id, toGroup: room.id) }
            try require(try await world.backend.members(ofGroup: room.id).contains(agents[1].id), "agent was added")
            for _ in 0..<2 { try await world.backend.removeMember(agents[0].id, fromGroup: room.id) }
            try require(
                !(try await world.backend.members(ofGroup: room.id).contains(agents[0].id)), "agent was removed")
        },
        ChatBackendContract("whoever is removed cannot read any more") { world in
            let (account, credential) = try await world.customer()
            let room = try await world.group(of: account)
            try await world.backend.removeMember(account.id, fromGroup: room.id)
            let failure = await world.failure {
                try await world.backend.history(HistoryQuery(rid: room.id, kind: .group, credential: credential))
            }
            try require(failure != nil, "a removed member reads")
        },
        ChatBackendContract("a renamed group keeps its id, and its old name is free") { world in
            let (account, _) = try await world.customer()
            let room = try await world.group(of: account)
            try await world.backend.renameGroup(room.id, name: "case-1-new", topic: "new")
            try require(
                try await world.group("case-1-new", of: account).id, equals: room.id, "the group by its new name")
            try require(try await world.group(of: account).id != room.id, "the old name is taken")
        },
        ChatBackendContract("a group that does not exist is not found") { world in
            let (account, _) = try await world.customer()
            for failure in [
                await world.failure { try await world.backend.members(ofGroup: "nosuchroom") },
                await world.failure { try await world.backend.addMember(account.id, toGroup: "nosuchroom") },
                await world.failure { try await world.backend.removeMember(account.id, fromGroup: "nosuchroom") },
                await world.failure { try await world.backend.renameGroup("nosuchroom", name: "x", topic: "x") },
                await world.failure { try await world.backend.archiveRoom("nosuchroom", kind: .group) },
            ] { try require(failure, equals: .notFound, "a call for a room that does not exist") }
        },
    ]

    static let endings: [ChatBackendContract] = [
        ChatBackendContract("a removed room is gone, and removing it twice is no error") { world in
            let (account, credential) = try await world.customer()
            let agent = try await world.agentPresences()[0]
            let group = try await world.group(of: account)
            let direct = try await world.backend.openDirectRoom(customer: account, credential: credential, agent: agent)
            for (room, kind) in [(group, RoomKind.group), (direct, .direct)] {
                try await world.write("hello", in: room.id, as: credential)
                for _ in 0..<2 { try await world.backend.removeRoom(room.id, kind: kind) }
                let failure = await world.failure {
                    try await world.backend.history(HistoryQuery(rid: room.id, kind: kind, credential: credential))
                }
                try require(failure != nil, "a removed room is read")
            }
            try require(try await world.group(of: account).id != group.id, "a removed group comes back")
        },
        ChatBackendContract("archiving keeps the messages, ends the writing and frees the name; twice is no error") {
            world in
            let (account, credential) = try await world.customer()
            let room = try await world.group(of: account)
            try await world.write("hello", in: room.id, as: credential)
            for _ in 0..<2 { try await world.backend.archiveRoom(room.id, kind: .group) }
            let page = try await world.backend.history(HistoryQuery(rid: room.id, kind: .group, credential: nil))
            try require(page.messages.count, equals: 1, "messages after archiving")
            let failure = await world.failure {
                try await world.write("again", in: room.id, as: credential)
                throw ChatBackendError.notFound
            }
            try require(failure, equals: nil, "writing into an archived group")
            let next = try await world.group(of: account)
            try require(next.isNew && next.id != room.id, "the name is not free")
        },
        ChatBackendContract("archiving a direct room is no error") { world in
            let (account, credential) = try await world.customer()
            let agent = try await world.agentPresences()[0]
            let room = try await world.backend.openDirectRoom(customer: account, credential: credential, agent: agent)
            for _ in 0..<2 { try await world.backend.archiveRoom(room.id, kind: .direct) }
        },
        ChatBackendContract("a cancelled task ends its read") { world in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await world.failure { try await world.backend.health() }
            }
            try require(await task.value, equals: .cancelled, "a cancelled call")
        },
    ]
}
