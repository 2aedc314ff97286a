import ArgumentParser
import Foundation
import Gateway

/// `customersctl token`.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes, explains and revokes access tokens.",
        discussion: examples(
            "customersctl token issue --tenant Acme >token.txt", "customersctl token inspect <token.txt",
            "customersctl token revoke <token.txt"),
        subcommands: [Issue.self, Inspect.self, Revoke.self])

    /// `customersctl token issue`.
    struct Issue: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a new access token of a tenant.",
            discussion: examples(
                "customersctl token issue --tenant Acme", "customersctl token issue --tenant Acme --lifetime 600",
                after:
                    "Made with tokens.key_file; the daemon need not run. Whoever has the token acts for the whole tenant."
            ))

        @Option(help: ArgumentHelp("Whom it acts for.", valueName: "id or name"))
        var tenant: String

        @Option(help: ArgumentHelp("How long it lives; by default tokens.lifetime.", valueName: "seconds"))
        var lifetime: Int?

        @Option(help: "Its scope; by default the first of tokens.scopes.")
        var scope: String?

        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try options.print { () throws(AdminError) in
                try options.session.issueToken(tenant: tenant, lifetime: lifetime, scope: scope)
            }
        }
    }

    /// `customersctl token inspect`.
    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says what a token is for, and why it is refused if it is.",
            discussion: examples(
                "customersctl token inspect <token.txt",
                after: "Ends with 1 for a token that is refused. Redis is asked whether it was revoked."))

        @Argument(
            help: "The token; without it one line of standard input is read, which leaves no trace in the process list."
        )
        var token: String?

        @OptionGroup var options: ConfigurationOption

        func run() throws {
            let token = try TokenCommand.read(token)
            try options.print { () throws(AdminError) in try options.session.inspectToken(token) }
        }
    }

    /// `customersctl token revoke`.
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuses a token from now on, on all gateways.",
            discussion: examples(
                "customersctl token revoke <token.txt", "customersctl token revoke 2e0eee3ec852bfb5e5da22fde5ead208",
                after:
                    "The gateways hear of it at once; one that cannot be reached notices within 11 s. A part of a token is no jti."
            ))

        @Argument(help: "The token or its jti; without it one line of standard input is read.")
        var token: String?

        @OptionGroup var options: ConfigurationOption

        func run() throws {
            let token = try TokenCommand.read(token)
            try options.print { () throws(AdminError) in try options.session.revokeToken(token) }
        }
    }

    /// The argument, or a line of standard input; `Bearer ` before it is left out.
    private static func read(_ argument: String?) throws -> String {
        var token = (argument ?? readLine() ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        if token.lowercased().hasPrefix("bearer ") {
            token = String(token.dropFirst(7)).trimmingCharacters(in: .whitespaces)
        }
        guard !token.isEmpty else { throw ValidationError("no token was given") }
        return token
    }
}
