import ArgumentParser
import Gateway

/// `customersctl tenant`.
struct TenantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Shows the tenants of the configuration, never their secrets.",
        discussion: examples("customersctl tenant list", "customersctl tenant show Acme"),
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    /// `customersctl tenant list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists all tenants.",
            discussion: examples("customersctl tenant list", "customersctl tenant list --json"))

        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try options.print { () throws(AdminError) in try options.session.tenants() }
        }
    }

    /// `customersctl tenant show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a tenant with its departments and agents.",
            discussion: examples(
                "customersctl tenant show Acme", "customersctl tenant show 8009bf1c-5fea-4221-b19a-fd4278fcb06f"))

        @Argument(help: "The tenant's id, dashed or not, or its name.")
        var tenant: String

        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try options.print { () throws(AdminError) in try options.session.tenant(tenant) }
        }
    }
}
