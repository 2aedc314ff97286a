import ArgumentParser
import Gateway

/// `customersctl`: what an admin asks of the gateway and does with it.
struct CustomersctlCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customersctl", abstract: "Watches and repairs the customers gateway.",
        discussion: """
            EXAMPLES
              customersctl check                  is the configuration good?
              customersctl status                 how is the running daemon?
              customersctl doctor                 what is wrong, and what helps?
              customersctl queue --tenant Acme    who waits, and for how long?
              customersctl agent pause a2xpFbOg   no new customers for this agent
              customersctl session list --state waiting
              customersctl session close 6513afeda2f73c7460e18c86
              customersctl token issue --tenant Acme
              customersctl token inspect <token.txt
              customersctl status --json | jq .traffic.requestsInFlight

            EXIT STATUS
              0   good
              1   refused, absent, or not as it should be
              64  the command line makes no sense
              69  the daemon, Redis or the chat server cannot be reached
              77  no permission
              78  the configuration has errors
            """,
        version: GatewayVersion.text,
        subcommands: [
            CheckCommand.self, StatusCommand.self, DoctorCommand.self, ReloadCommand.self, MetricsCommand.self,
            TenantCommand.self, AgentCommand.self, QueueCommand.self, SessionCommand.self, TokenCommand.self,
            CompletionCommand.self,
        ])
}
