import ArgumentParser
import Gateway

/// `customersctl session`.
struct SessionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "Shows and closes room sessions.",
        discussion: examples(
            "customersctl session list --state waiting", "customersctl session show 6513afeda2f73c7460e18c86",
            "customersctl session close 6513afeda2f73c7460e18c86"),
        subcommands: [List.self, Show.self, Close.self],
        defaultSubcommand: List.self)

    /// `customersctl session list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists open sessions, the oldest first.",
            discussion: examples(
                "customersctl session list --tenant Acme", "customersctl session list --state waiting --limit 20",
                after:
                    "Redis is read in small steps, so that nobody is held up; what is opened meanwhile may be missing."
            ))

        @Option(
            help: "Only this state: assigned, waiting, offline, closing, archived or moved.",
            completion: .list(["assigned", "waiting", "offline", "closing", "archived", "moved"]))
        var state: String?

        @Option(help: ArgumentHelp("Sessions of each tenant at most.", valueName: "number"))
        var limit = 200

        @OptionGroup var tenant: TenantOption
        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try options.print { () throws(AdminError) in
                try options.session.sessions(tenant: tenant.tenant, state: state, limit: limit)
            }
        }
    }

    /// `customersctl session show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a session, whose it is, and how it went from agent to agent.",
            discussion: examples("customersctl session show 6513afeda2f73c7460e18c86"))

        @Argument(help: "The room id: rid, group_id or room_id.")
        var rid: String

        @OptionGroup var tenant: TenantOption
        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try options.print { () throws(AdminError) in try options.session.session(rid, tenant: tenant.tenant) }
        }
    }

    /// `customersctl session close`.
    struct Close: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Closes a session as shutdown_service does.",
            discussion: examples(
                "customersctl session close 6513afeda2f73c7460e18c86",
                after: "With close: delete the room goes with its messages and files, and nothing brings them back."))

        @Argument(help: "The room id: rid, group_id or room_id.")
        var rid: String

        @OptionGroup var tenant: TenantOption
        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try options.print { () throws(AdminError) in try options.session.closeSession(rid, tenant: tenant.tenant) }
        }
    }
}
