import ArgumentParser
import Gateway

/// `customersctl check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Says whether the configuration is good, and if not, in which file, line and setting.",
        discussion: examples(
            "customersctl check", "customersctl check --config /root/new/customersd.yaml",
            "customersctl check --json | jq '.problems[].key'",
            after: """
                Judges what the next start will read: secrets come from where LoadCredential= of the unit and its drop-ins has them. For \
                root it also says what the daemon could not read. Nothing is changed, and the daemon need not run. The same as \
                customersd --check.
                """))

    @OptionGroup var options: ConfigurationOption

    func run() throws {
        if options.json {
            return try options.print { () throws(AdminError) in options.session.checkReport() }
        }
        let status = options.session.check()
        if status != 0 { throw ExitCode(status) }
    }
}
