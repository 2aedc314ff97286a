import ArgumentParser
import Gateway

/// `customersctl queue`.
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Shows the queues: how many wait for each department, who, and for how long.",
        discussion: examples("customersctl queue", "customersctl queue --tenant Acme --limit 10"))

    @Option(help: ArgumentHelp("Rooms to show of each queue at most.", valueName: "number"))
    var limit = 50

    @OptionGroup var tenant: TenantOption
    @OptionGroup var options: ConfigurationOption

    func run() throws {
        try options.print { () throws(AdminError) in try options.session.queues(tenant: tenant.tenant, limit: limit) }
    }
}
