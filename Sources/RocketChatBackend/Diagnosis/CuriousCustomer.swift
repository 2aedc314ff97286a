internal import ChatBackend
internal import HTTPMessage

/// Tries, with a customer's own token, everything by which one customer could see another.
///
/// Who may do what is as in Rocket.Chat's `browseChannels`, `spotlight`, `findUsersToAutocomplete`,
/// `createDirectMessage` and `canAccessRoom`. What the answers say of others is looked at for being there and goes
/// nowhere.
struct CuriousCustomer: Sendable {
    let api: RocketChatAPI
    let credential: CustomerCredential
    /// Whom the customer looks for.
    let other: ChatAccount
    /// The customers' role.
    let role: String

    func findings() async -> [RocketChatFinding] {
        var findings: [RocketChatFinding] = []
        for attempt in attempts { findings.append(await finding(attempt)) }
        findings += await strangersRooms()
        findings += await directRoom()
        if role == "user", findings.contains(where: { $0.outcome == .warning || $0.outcome == .fault }) {
            findings.append(
                RocketChatFinding(
                    outcome: .note, text: "customers have the role user, as agents and everybody else do",
                    remedy:
                        "before you take permissions away, make a role of their own, name it in chat.customer_role and give it to "
                        + "the accounts that there are (or give agents a second role that holds what is taken from user); grant "
                        + "view-joined-room to the customers', so that their own rooms stay theirs to read"
                ))
        }
        return findings
    }

    private func finding(_ attempt: CustomerAttempt) async -> RocketChatFinding {
        do throws(RocketChatFailure) {
            return attempt.finding(try await api.send(attempt.call), role: role)
        } catch {
            return attempt.finding(error)
        }
    }

    private var attempts: [CustomerAttempt] {
        let me = credential.userID
        let people = "take view-outside-room from the role \(role)"
        let channels = "take view-c-room and preview-c-room from the role \(role)"
        let selector = JSONValue.object(["term": .string(other.username)])
        return [
            CustomerAttempt(
                call: get("users.list", [("count", "5")]), deed: "list other users",
                remedy:
                    "grant view-joined-room to the role \(role) and take view-d-room from it; or switch on General → REST API → "
                    + "Apply permission view-outside-room to api users.list, and take view-outside-room from it"
            ) { Self.people($0["users"], but: me) },
            CustomerAttempt(
                call: get("directory", [("type", "users"), ("text", other.username)]),
                deed: "find users in the directory",
                remedy: people
            ) { Self.people($0["result"], but: me) },
            CustomerAttempt(
                call: get("spotlight", [("query", other.username)]), deed: "find users by a part of their names",
                remedy: people
            ) { Self.people($0["users"], but: me) },
            CustomerAttempt(
                call: get("users.autocomplete", [("selector", String(decoding: selector.serialized(), as: UTF8.self))]),
                deed: "have other users' names completed", remedy: people
            ) { Self.people($0["items"], but: me) },
            CustomerAttempt(
                call: get("users.info", [("username", other.username)]),
                deed: "see name and status of a user whose username they know", outcome: .note,
                remedy:
                    "no permission of Rocket.Chat's forbids it, nor users.presence, which lists who is online: let customers reach "
                    + "only those of its routes that your client calls"
            ) { Self.people(.array([$0["user"] ?? nil]), but: me) },
            CustomerAttempt(
                call: get("directory", [("type", "channels")]), deed: "find channels in the directory", remedy: channels
            ) { Self.rooms($0["result"]) },
            CustomerAttempt(call: get("channels.list", [("count", "5")]), deed: "list channels", remedy: channels) {
                Self.rooms($0["channels"])
            },
            CustomerAttempt(
                call: get("spotlight", [("query", "general")]), deed: "find channels by a part of their names",
                remedy: "\(channels), or view-outside-room"
            ) { Self.rooms($0["rooms"]) },
            CustomerAttempt(
                call: get("rooms.get"), deed: "read rooms that nobody gave them",
                remedy:
                    "something puts new accounts into rooms (default channels, an app, a team): take them out, and switch it off"
            ) { Self.rooms($0["update"]) },
        ]
    }

    /// Rooms of others, as the gateway's account knows some.
    private func strangersRooms() async -> [RocketChatFinding] {
        var findings: [RocketChatFinding] = []
        let remedy =
            "no role that customers have may hold more than the README names; look for one with view-room-administration or an app's"
        for (list, key, history, kind) in [
            ("groups.list", "groups", "groups.history", "group"), ("im.list", "ims", "im.history", "direct room"),
        ] {
            guard let reply = try? await api.send(.get(list, [("count", "5")])),
                let room = reply[key]?.array?.first(where: { !Self.names($0).contains(credential.userID) }),
                let id = room["_id"]?.string
            else {
                findings.append(
                    RocketChatFinding(
                        outcome: .note,
                        text: "whether customers can read a \(kind) that they are not in was not tried (\(history))",
                        remedy: "it takes one that the gateway's account is in: \(list) shows it none"))
                continue
            }
            findings.append(
                await finding(
                    CustomerAttempt(
                        call: get(history, [("roomId", id), ("count", "1")]),
                        deed: "read a \(kind) that they are not in",
                        outcome: .fault, remedy: remedy
                    ) { $0["messages"]?.array == nil ? .nothing : .others }))
        }
        return findings
    }

    /// A direct room with the other customer. One that comes about is deleted at once.
    private func directRoom() async -> [RocketChatFinding] {
        let attempt = CustomerAttempt(
            call: .post("im.create", ["username": .string(other.username)], as: .customer(credential)),
            deed: "write to other customers",
            remedy:
                "take create-d from the role \(role), provided that a role of the gateway's account holds create-d: where that "
                + "account may not open direct rooms for others, connect opens them with the customers' own"
        ) { $0["room"]?["_id"]?.string == nil && $0["room"]?["rid"]?.string == nil ? .nothing : .others }
        let reply: JSONValue
        do throws(RocketChatFailure) {
            reply = try await api.send(attempt.call)
        } catch {
            return [attempt.finding(error)]
        }
        var findings = [attempt.finding(reply, role: role)]
        guard let id = reply["room"]?["_id"]?.string ?? reply["room"]?["rid"]?.string else { return findings }
        do throws(RocketChatFailure) {
            _ = try await api.send(.post("im.delete", ["roomId": .string(id)]))
        } catch {
            findings.append(
                RocketChatFinding(
                    outcome: .note, text: "the empty direct room of the two probe accounts could not be deleted",
                    remedy: "delete-d and view-room-administration let the gateway's account do it; it does no harm"))
        }
        return findings
    }

    private func get(_ route: String, _ query: [(name: String, value: String)] = []) -> RocketChatCall {
        .get(route, query, as: .customer(credential))
    }

    private static func people(_ list: JSONValue?, but me: String) -> CustomerAttempt.Sight {
        let others = (list?.array ?? []).filter { $0["username"]?.string != nil && $0["_id"]?.string != me }
        guard !others.isEmpty else { return .nothing }
        return others.contains { !($0["emails"]?.array ?? []).isEmpty } ? .addresses : .others
    }

    /// Direct rooms are with people whom the customer knows.
    private static func rooms(_ list: JSONValue?) -> CustomerAttempt.Sight {
        (list?.array ?? []).contains { $0["t"]?.string != "d" } ? .others : .nothing
    }

    private static func names(_ room: JSONValue) -> [String] { room["uids"]?.array?.compactMap(\.string) ?? [] }
}
