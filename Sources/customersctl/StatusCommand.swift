import ArgumentParser
import Gateway

/// `customersctl status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows how the running daemon is: requests, Redis, chat server, queues, agents, last warnings.",
        discussion: examples(
            "customersctl status", "watch -n 2 customersctl status",
            "customersctl status --json | jq .traffic.requestsInFlight",
            after:
                "Ends with 1 when Redis or the chat server is in trouble, so that a monitoring script need not read it."
        ))

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var control: ControlSocketOption

    func run() throws {
        try options.print { () throws(AdminError) in try options.session.status(socket: control.socket) }
    }
}
