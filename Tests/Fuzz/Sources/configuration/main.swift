// customersd.yaml and the tenants' files, in memory: every mistake in them is a problem with a file, never a trap.
import FuzzDriver

@testable import Gateway

let file = MemoryFile()

Fuzzing.run { bytes in
    guard let first = bytes.first else { return }
    file.replace(UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
    if first & 1 == 0 {
        do throws(ConfigurationError) {
            let configuration = try ConfigurationLoader(path: file.path, credentials: .none).load()
            Fuzzing.expect((0...256).contains(configuration.workers), "only what is allowed is taken")
            Fuzzing.expect(configuration.sealKey.bytes.count == 32, "the seal key has its length")
            check(configuration.warnings)
        } catch {
            Fuzzing.expect(!error.problems.isEmpty, "a refusal has its reasons")
            check(error.problems)
        }
    } else {
        let settings = SettingsFile(path: file.path, credentials: .none)
        let tenant = TenantSettings(
            SettingsSection(settings.document(), file: settings, path: "", known: TenantSettings.keys))
        check(settings.errors + settings.warnings)
        guard settings.errors.isEmpty else { return }
        Fuzzing.expect(tenant.id.utf8.count == 36, "a tenant has an id")
        Fuzzing.expect(tenant.departments.allSatisfy { $0.id.utf8.count == 36 }, "a department has an id")
        Fuzzing.expect(tenant == tenant, "a tenant's settings equal themselves")
    }
}

func check(_ problems: [ConfigurationProblem]) {
    for problem in problems {
        Fuzzing.expect(!problem.text.isEmpty && !problem.file.isEmpty, "a problem says what and where")
        Fuzzing.expect(problem.line ?? 1 >= 1, "lines are counted from 1")
    }
}
