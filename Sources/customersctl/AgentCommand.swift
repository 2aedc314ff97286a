import ArgumentParser
import Gateway

/// `customersctl agent`.
struct AgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Shows the agents, and lets one take no new customers for a while.",
        discussion: examples(
            "customersctl agent list --tenant Acme", "customersctl agent pause a2xpFbOg --tenant Acme",
            "customersctl agent resume a2xpFbOg --tenant Acme"),
        subcommands: [List.self, Pause.self, Resume.self], defaultSubcommand: List.self)

    /// `customersctl agent list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists agents with presence, rooms, capacity and departments.",
            discussion: examples(
                "customersctl agent list", "customersctl agent list --tenant Acme --json",
                after:
                    "Presence is asked of the chat server at this moment; while it does not say, who was last seen is shown."
            ))

        @OptionGroup var tenant: TenantOption
        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try options.print { () throws(AdminError) in try options.session.agents(tenant: tenant.tenant) }
        }
    }

    /// `customersctl agent pause`.
    struct Pause: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets an agent take no new customers, on all gateways, until resumed.",
            discussion: examples(
                "customersctl agent pause a2xpFbOg --tenant Acme",
                after: """
                    Neither routing nor the queue nor a transfer gives them a room; a transfer that names them is refused with 409. Rooms \
                    that they have stay theirs. Kept in Redis: it outlives restarts of the gateways.
                    """))

        @OptionGroup var agent: AgentArgument
        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try options.print { () throws(AdminError) in
                try options.session.setPaused(true, agent: agent.username, tenant: agent.tenant.tenant)
            }
        }
    }

    /// `customersctl agent resume`.
    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a paused agent take customers again; who waits is served within seconds.",
            discussion: examples("customersctl agent resume a2xpFbOg --tenant Acme"))

        @OptionGroup var agent: AgentArgument
        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try options.print { () throws(AdminError) in
                try options.session.setPaused(false, agent: agent.username, tenant: agent.tenant.tenant)
            }
        }
    }

    /// Which agent a command is about.
    struct AgentArgument: ParsableArguments {
        @Argument(help: "The agent's username.")
        var username: String

        @OptionGroup var tenant: TenantOption
    }
}
