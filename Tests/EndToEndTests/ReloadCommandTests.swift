import Foundation
import TestSupport
import Testing

@Suite("customersctl reload", .ownProcesses, .installation())
struct ReloadCommandTests {
    @Test("a change that only a restart takes is named, in the answer and in one line of the log, until it is undone")
    func restart() async throws {
        let installation = try TestBed.current.installation
        let run = ControlCommand(installation: installation)
        let file = installation.folder.file("customersd0.yaml")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(try await run("reload").text == "reloaded, 0 tenants")
        let changed = text.replacing("body: 65536", with: "body: 32768").replacing("workers: 2", with: "workers: 1")
        try changed.write(toFile: file, atomically: true, encoding: .utf8)
        let reload = try await run("reload")
        #expect(reload.status == 0)
        #expect(
            reload.text == """
                reloaded, 0 tenants
                not yet in force: workers, limits.body
                  → systemctl restart customersd takes them
                """)
        #expect(try await run("reload", "--json").json["waiting"].array.map(\.string) == ["workers", "limits.body"])
        let lines = try installation.daemon.log.filter { $0.contains(#"keys="workers, limits.body""#) }
        #expect(lines.count == 2 && lines.allSatisfy { $0.contains("level=warning") }, "\(lines)")
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await run("reload").text == "reloaded, 0 tenants")
    }
}
