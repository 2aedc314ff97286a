import ArgumentParser
import Foundation
import Gateway

/// What every command understands: which configuration, and for whom the answer is.
struct ConfigurationOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("The daemon's configuration file.", valueName: "file"),
        completion: .file(extensions: ["yaml"]))
    var config = "/etc/customersd/customersd.yaml"

    @Flag(help: "Print JSON instead of text.")
    var json = false

    /// The gateway's side of the command.
    var session: AdminSession {
        AdminSession(configuration: config, environment: ProcessInfo.processInfo.environment)
    }

    /// Prints a report, or an error with its remedy: on standard error, but as JSON where a program reads the answer.
    /// Ends with the status that says how it went.
    func print(_ make: () throws(AdminError) -> Report) throws {
        let report: Report
        do throws(AdminError) {
            report = try make()
        } catch {
            if json {
                Swift.print(error.json)
            } else {
                FileHandle.standardError.write(Data("customersctl: \(error)\n".utf8))
            }
            throw ExitCode(error.kind.rawValue)
        }
        Swift.print(json ? report.json : report.text)
        if report.status != 0 { throw ExitCode(report.status) }
    }
}
