import ArgumentParser
import Gateway

/// `customersctl reload`.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Checks the configuration and lets the running daemon read tenants and log settings anew.",
        discussion: examples(
            "customersctl reload", "systemctl reload customersd",
            after: """
                With an error the old configuration stays in force and the errors are shown. Other settings need a restart: those \
                that have changed are named.
                """
        ))

    @Option(
        help: ArgumentHelp(
            "The daemon's process: gets SIGHUP where control: is off, and its log says how it went. For systemd's unit.",
            valueName: "number"))
    var pid: Int32?

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var control: ControlSocketOption

    func run() throws {
        try options.print { () throws(AdminError) in try options.session.reload(socket: control.socket, process: pid) }
    }
}
