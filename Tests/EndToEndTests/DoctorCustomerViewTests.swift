import Foundation
import TestSupport
import Testing

@Suite(
    "customersctl doctor as a customer of a chat server with Rocket.Chat's own permissions", .ownProcesses,
    .installation())
struct DoctorLeakyTests {
    @Test("says what customers see of each other and how to forbid it, and the next time takes the same accounts")
    func leaky() async throws {
        let installation = try TestBed.current.installation
        let tenant = try await TestBed.current.tenant()
        _ = try await tenant.started()
        let run = ControlCommand(installation: installation)
        let first = try await run("doctor")
        let mark = try await installation.chat.mark()
        let outcome = try await run("doctor")
        #expect(first.status == 0 && outcome.status == 0, "\(outcome.text)")
        for text in [
            "customers can list other users (users.list)", "customers can find users in the directory (directory)",
            "customers can find users by a part of their names (spotlight)",
            "customers can list channels (channels.list)",
            "customers can find channels in the directory (directory)",
            "customers can write to other customers (im.create)",
            "take view-outside-room from the role user", "customers have the role user",
            "customers cannot read a group that they are not in (groups.history)",
            "customers cannot read rooms that nobody gave them (rooms.get)",
        ] {
            #expect(outcome.text.contains(text), "\(text) is not in \(outcome.text)")
        }
        #expect(!outcome.text.contains("customers can read the e-mail addresses"))
        let calls = try await installation.chat.calls(after: mark)
        #expect(calls.contains("POST im.create") && calls.contains("POST im.delete"), "\(calls)")
        #expect(
            try await run("doctor", "--json").json.array.contains {
                $0["text"] == "customers can list channels (channels.list)"
            })
    }
}

@Suite(
    "customersctl doctor as a customer of a chat server that shows customers nothing", .ownProcesses,
    .installation {
        $0.chatArguments = [
            "--create-token-secret", "s3cret", "--customer-permissions", "view-joined-room,leave-p,delete-own-message",
        ]
    })
struct DoctorTightTests {
    @Test("finds nothing that a customer could see, while rooms and direct rooms open as ever")
    func tight() async throws {
        let installation = try TestBed.current.installation
        let tenant = try await TestBed.current.tenant()
        let room = try await tenant.started()
        #expect(room["rid"].string != nil)
        #expect(try await tenant.connected(someName())["rid"].string != nil)
        let outcome = try await ControlCommand(installation: installation)("doctor")
        #expect(outcome.status == 0, "\(outcome.text)")
        for text in [
            "list other users", "find users in the directory", "find users by a part of their names",
            "have other users' names completed", "find channels in the directory", "list channels",
            "find channels by a part of their names", "read rooms that nobody gave them",
            "read a group that they are not in", "write to other customers",
        ] {
            #expect(outcome.text.contains("customers cannot \(text)"), "\(text) is not in \(outcome.text)")
        }
        #expect(!outcome.text.contains("WARN   customers can"))
        #expect(outcome.text.contains("no permission of Rocket.Chat's forbids it"))
    }
}
