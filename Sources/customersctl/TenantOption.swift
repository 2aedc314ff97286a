import ArgumentParser

/// Which tenant a command is about.
struct TenantOption: ParsableArguments {
    @Option(help: ArgumentHelp("Only this tenant; by default all.", valueName: "id or name"))
    var tenant: String?
}
