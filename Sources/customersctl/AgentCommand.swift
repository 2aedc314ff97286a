import ArgumentParser
import Gateway

/// `customersctl agent`.
struct AgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Shows the agents: who is there, and with how many rooms of how many.",
        subcommands: [List.self], defaultSubcommand: List.self)

    /// `customersctl agent list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists agents with presence, rooms, capacity and departments.",
            discussion: "Presence is asked of the chat server at this moment.")

        @OptionGroup var tenant: TenantOption
        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try options.print { () throws(AdminError) in try options.session.agents(tenant: tenant.tenant) }
        }
    }
}
