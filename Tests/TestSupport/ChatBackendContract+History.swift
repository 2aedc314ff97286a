internal import ChatBackend

extension ChatBackendContract {
    static let histories: [ChatBackendContract] = [
        ChatBackendContract("paging back and forth gives every message once, also those of one moment") { world in
            let (account, credential) = try await world.customer()
            let agent = try await world.agentPresences()[0]
            let group = try await world.group(of: account)
            let direct = try await world.backend.openDirectRoom(customer: account, credential: credential, agent: agent)
            for (room, kind) in [(group, RoomKind.group), (direct, .direct)] {
                try await world.fill(room.id, as: credential)
                let query = HistoryQuery(rid: room.id, kind: kind, credential: credential, count: 7)
                let back = try await world.pages(query, forward: false)
                try require(Set(back).count, equals: 40, "messages going back from \(kind)")
                try require(back.count, equals: 40, "messages going back, each once")
                var forward = query
                forward.position = .after(try await world.cursorOfOldest(query))
                try require(
                    try await world.pages(forward, forward: true), equals: back.dropLast().reversed(), "going forward")
            }
        },
        ChatBackendContract("notices are left out unless they are wanted") { world in
            let (account, credential) = try await world.customer()
            let agents = try await world.agentPresences()
            let room = try await world.group(of: account)
            for _ in 0..<5 {
                try await world.backend.addMember(agents[1].id, toGroup: room.id)
                try await world.backend.removeMember(agents[1].id, fromGroup: room.id)
            }
            try await world.write("hello", in: room.id, as: credential)
            var query = HistoryQuery(rid: room.id, kind: .group, credential: credential, count: 3)
            let page = try await world.backend.history(query)
            try require(page.messages.count, equals: 1, "messages of people")
            try require(!page.hasMore, "more messages of people")
            query.includesSystemMessages = true
            let all = try await world.backend.history(query)
            try require(all.messages.count, equals: 3, "messages with notices")
            try require(all.hasMore, "no more notices")
        },
        ChatBackendContract("a room without messages is one empty page") { world in
            let (account, credential) = try await world.customer()
            let room = try await world.group(of: account)
            let page = try await world.backend.history(
                HistoryQuery(rid: room.id, kind: .group, credential: credential))
            try require(page.messages.isEmpty && !page.hasMore && page.next == nil, "an empty page")
        },
        ChatBackendContract("a cursor that the backend did not make is refused") { world in
            let (account, credential) = try await world.customer()
            let room = try await world.group(of: account)
            for position in [HistoryQuery.Position.before(""), .before("%"), .after("bm9wZQ"), .after(room.id)] {
                let failure = await world.failure {
                    try await world.backend.history(
                        HistoryQuery(rid: room.id, kind: .group, credential: credential, position: position))
                }
                try require(failure, equals: .invalidCursor, "\(position)")
            }
        },
        ChatBackendContract("a customer reads no room of others") { world in
            let (account, credential) = try await world.customer()
            let (_, foreign) = try await world.customer("cust-2")
            let agent = try await world.agentPresences()[0]
            let group = try await world.group(of: account)
            let direct = try await world.backend.openDirectRoom(customer: account, credential: credential, agent: agent)
            for (room, kind) in [(group, RoomKind.group), (direct, .direct)] {
                let failure = await world.failure {
                    try await world.backend.history(HistoryQuery(rid: room.id, kind: kind, credential: foreign))
                }
                try require(failure != nil, "a foreign \(kind) room is read")
            }
        },
    ]
}

extension ChatBackendContractWorld {
    /// 40 messages: ten, then twenty at one moment, then ten.
    fileprivate func fill(_ rid: String, as author: CustomerCredential) async throws {
        for number in 0..<40 {
            await stopClock((10..<30).contains(number))
            try await write("message \(number)", in: rid, as: author)
        }
    }

    /// All messages from the query's position on, in the order of paging; pages are checked to be full.
    fileprivate func pages(_ query: HistoryQuery, forward: Bool) async throws -> [[UInt8]] {
        var query = query
        var all: [[UInt8]] = []
        while true {
            let page = try await backend.history(query)
            all += forward ? page.messages.reversed() : page.messages
            guard page.hasMore else { return all }
            try require(page.messages.count, equals: query.count, "messages of a page that is not the last")
            guard let next = page.next else { throw ChatBackendContractViolation(description: "more, but no cursor") }
            query.position = forward ? .after(next) : .before(next)
            try require(all.count <= 1_000, "paging has no end")
        }
    }

    /// The cursor of the room's first message.
    fileprivate func cursorOfOldest(_ query: HistoryQuery) async throws -> String {
        var query = query
        query.count = 1
        var cursor: String?
        while true {
            let page = try await backend.history(query)
            cursor = page.next ?? cursor
            guard page.hasMore, let next = page.next else { break }
            query.position = .before(next)
        }
        guard let cursor else { throw ChatBackendContractViolation(description: "no cursor") }
        return cursor
    }
}
