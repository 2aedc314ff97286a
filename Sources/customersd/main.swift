import ArgumentParser
import Foundation
import Gateway

struct Customersd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customersd",
        abstract:
            "Serves /customers/* over FastCGI: the gateway between a company's customers and its Rocket.Chat server.",
        discussion: """
            SIGTERM finishes the requests in flight (10 s at most) and exits 0; a second one exits at once.
            SIGHUP reads the tenants and the log level anew; with an error in the configuration the old one stays in force.
            """,
        version: GatewayVersion.text)

    @Option(help: "The configuration file.")
    var config = "/etc/customersd/customersd.yaml"

    @Flag(
        help: "Check the configuration and exit: 0 when it is good, 78 when it has errors, 77 when you may not read it."
    )
    var check = false

    func run() throws {
        let launch = Launch(path: config, environment: ProcessInfo.processInfo.environment)
        let status = check ? launch.check() : launch.serve()
        if status != 0 { throw ExitCode(status) }
    }
}

Customersd.main()
