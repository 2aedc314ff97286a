// What a chat server answers: the adapter does one of its operations, and each call that it makes gets the next reply
// of the input.
import ChatBackend
import EventLoop
import FuzzDriver
import HTTPClient
import HTTPMessage
import Logging

@testable import RocketChatBackend

let loop: EventLoop
do { loop = try EventLoop() } catch { fatalError("\(error)") }
LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }

Fuzzing.run { bytes in
    var input = FuzzInput(bytes)
    let operation = input.byte()
    let replies = ScriptedReplies(input, executor: loop)
    let clock = RocketChatClock(uptime: { 1_000_000 }, wall: { 1_795_000_000_000 })
    let backend = RocketChatBackend(
        configuration: RocketChatConfiguration(
            url: "http://chat.example.com", credential: .personalAccessToken(userID: "service", token: "secret")),
        client: replies, logger: Logger(label: "fuzz"), clock: clock)
    loop.execute {
        Task(executorPreference: loop) {
            do throws(ChatBackendError) {
                try await perform(operation, on: backend)
            } catch {
                // What the domain is told fits an answer.
                if case .rateLimited(let seconds?) = error {
                    Fuzzing.expect((1...3_600).contains(seconds), "a limit ends within an hour")
                }
            }
            loop.stop()
        }
    }
    loop.run()
}

func perform(_ operation: UInt8, on backend: RocketChatBackend) async throws(ChatBackendError) {
    let account = ChatAccount(id: "aobEdbYhXfu5hkeqG", username: "u1", name: "小张")
    let credential = CustomerCredential(userID: account.id, token: "token")
    let agent = AgentPresence(id: "X7xTTZNcsxmYfD7vS", username: "ann", status: .online)
    switch operation % 14 {
    case 0:
        let made = try await backend.createCustomer(
            NewCustomerAccount(username: "u1", name: "小张", email: "u1@customers.invalid", password: "secret"))
        Fuzzing.expect(!made.id.isEmpty && !made.username.isEmpty, "an account has an id and a name")
    case 1:
        let token = try await backend.mintToken(for: account, password: "secret")
        Fuzzing.expect(!token.isEmpty, "a token is not empty")
    case 2: try await backend.revokeToken(credential)
    case 3:
        let found = try await backend.presence(ofAgents: ["ann", "bob"])
        Fuzzing.expect(found.count <= 2 && found.allSatisfy { !$0.id.isEmpty }, "only who was asked for is there")
    case 4:
        let room = try await backend.openDirectRoom(customer: account, credential: credential, agent: agent)
        Fuzzing.expect(!room.id.isEmpty, "a room has an id")
    case 5:
        let room = try await backend.openGroup(NewGroup(name: "sales-1", topic: "小张", members: ["u1", "ann"]))
        Fuzzing.expect(!room.id.isEmpty, "a room has an id")
    case 6: _ = try await backend.members(ofGroup: "r1")
    case 7: try await backend.addMember("u1", toGroup: "r1")
    case 8: try await backend.removeMember("u1", fromGroup: "r1")
    case 9: try await backend.renameGroup("r1", name: "sales-2", topic: "小张")
    case 10: try await backend.removeRoom("r1", kind: .group)
    case 11: try await backend.archiveRoom("r1", kind: .direct)
    case 12: try await backend.health()
    default: try await readHistory(operation, of: backend, credential)
    }
}

func readHistory(
    _ operation: UInt8, of backend: RocketChatBackend, _ credential: CustomerCredential
) async throws(ChatBackendError) {
    let cursor = HistoryCursor.encode(HistoryPosition(time: 1_795_000_000_000, id: "m5"))
    let positions: [HistoryQuery.Position] = [.latest, .before(cursor), .after(cursor)]
    let page = try await backend.history(
        HistoryQuery(
            rid: "r1", kind: operation & 64 == 0 ? .group : .direct, credential: credential, count: 5,
            position: positions[Int(operation) / 14 % 3]))
    Fuzzing.expect(page.messages.count <= 5, "a page is not longer than asked for")
    Fuzzing.expect(!page.hasMore || page.messages.count == 5, "every page but the last is full")
    for message in page.messages {
        let value = try? JSONValue(parsing: message)
        Fuzzing.expect(value?.object != nil, "a message can be read again")
        Fuzzing.expect(value?.serialized() == message, "a message is spelled as the serialiser spells it")
    }
    if let next = page.next { _ = try HistoryCursor.decode(next) }
}
