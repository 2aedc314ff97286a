import ArgumentParser
import Gateway

/// `customersctl doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks everything that an admin would check by hand, and says what to do about what is wrong.",
        discussion: examples(
            "customersctl doctor", "customersctl doctor --json",
            after: """
                Looks at the configuration, also as the next start will read it, the files' modes, Redis, its version and settings, the chat server, its version, the gateway's \
                account and its rights, the agents' accounts, the sockets and the clocks. Signed in as a customer it tries whether \
                customers can see each other. For that it makes two accounts, customers-doctor-probe-1-ROLE and -2-ROLE, which it takes \
                again each time. Nothing else is changed: tokens that are made are logged out again, and no room stays.
                Ends with 1 when something is wrong; warnings alone do not count.
                """))

    @OptionGroup var options: ConfigurationOption

    func run() throws {
        try options.print { () throws(AdminError) in try options.session.doctor() }
    }
}
