internal import ChatBackend

extension ChatBackendContract {
    static let accounts: [ChatBackendContract] = [
        ChatBackendContract("the server takes the gateway's credential") { world in
            try await world.backend.health()
        },
        ChatBackendContract("the same username is the same account, also when asked for at once") { world in
            let first = try await world.backend.createCustomer(world.order("cust-1", name: "张伟"))
            try require(first.username, equals: "cust-1", "username")
            try require(first.type, equals: "user", "type")
            try require(first.isActive, "active")
            let again = try await world.backend.createCustomer(world.order("cust-1", name: "other"))
            try require(again.id, equals: first.id, "id of the second call")
            let ids = try await world.atOnce(20) { try await world.backend.createCustomer(world.order("cust-2")).id }
            try require(Set(ids).count, equals: 1, "ids of parallel calls")
            try require(!ids.contains(first.id), "two customers share an account")
        },
        ChatBackendContract("looking for an account makes none, and finds the customer's alone") { world in
            try require(try await world.backend.findCustomer(world.order("cust-1"))?.id, equals: nil, "before")
            let made = try await world.backend.createCustomer(world.order("cust-1"))
            try require(try await world.backend.findCustomer(world.order("cust-1"))?.id, equals: made.id, "after")
            try require(try await world.backend.findCustomer(world.order("CUST-1"))?.id, equals: nil, "other letters")
            let service = try await world.backend.findCustomer(world.order(world.serviceUsername))
            try require(service?.id, equals: nil, "the service account")
        },
        ChatBackendContract("the name in other letters is not the customer's account") { world in
            _ = try await world.backend.createCustomer(world.order("cust-1"))
            let failure = await world.failure { try await world.backend.createCustomer(world.order("CUST-1")) }
            try require(failure, equals: .alreadyExists, "creation of CUST-1")
        },
        ChatBackendContract("an account with more rights than a customer's is never given away") { world in
            let failure = await world.failure {
                try await world.backend.createCustomer(world.order(world.serviceUsername))
            }
            try require(failure, equals: .alreadyExists, "creation of the service account's name")
        },
        ChatBackendContract("an e-mail address that is taken does not keep a customer out") { world in
            let first = try await world.backend.createCustomer(world.order("cust-1", email: "same@customers.invalid"))
            let second = try await world.backend.createCustomer(world.order("cust-2", email: "same@customers.invalid"))
            try require(first.id != second.id, "two customers share an account")
        },
        ChatBackendContract("a display name of any characters is accepted") { world in
            for (index, name) in ["O'Neil & Söhne", "<b>bold</b>", "a/b\\c", "100%", "Ünal 李 🙂"].enumerated() {
                _ = try await world.backend.createCustomer(world.order("name-\(index)", name: name))
            }
        },
    ]

    static let tokens: [ChatBackendContract] = [
        ChatBackendContract("two tokens of a customer live side by side, and logging one out leaves the other") {
            world in
            let (account, first) = try await world.customer()
            let second = try await world.credential(of: account)
            try require(first.token != second.token, "the same token twice")
            let room = try await world.group(of: account)
            let query = HistoryQuery(rid: room.id, kind: .group, credential: first)
            _ = try await world.backend.history(query)
            try await world.backend.revokeToken(first)
            let failure = await world.failure { try await world.backend.history(query) }
            try require(failure, equals: .refused(code: "token"), "a call with the token that was logged out")
            _ = try await world.backend.history(HistoryQuery(rid: room.id, kind: .group, credential: second))
        },
        ChatBackendContract("logging out twice is no error") { world in
            let (_, credential) = try await world.customer()
            try await world.backend.revokeToken(credential)
            try await world.backend.revokeToken(credential)
        },
    ]

    static let agents: [ChatBackendContract] = [
        ChatBackendContract("presence is told in the order asked, without whom nobody knows") { world in
            let names = world.agents
            let asked = ["nobody-1"] + names.reversed() + ["nobody-2"]
            for _ in 0..<2 {
                let found = try await world.backend.presence(ofAgents: asked)
                try require(found.map(\.username), equals: names.reversed(), "usernames")
                try require(found.map(\.status), equals: [.offline, .busy, .online], "statuses")
                try require(Set(found.map(\.id)).count, equals: names.count, "ids")
            }
            try require(try await world.backend.presence(ofAgents: []).isEmpty, "presence of nobody")
            try require(try await world.backend.presence(ofAgents: ["nobody-1"]).isEmpty, "presence of an unknown")
        }
    ]
}
