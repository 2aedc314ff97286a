import ArgumentParser
import Foundation
import Gateway

/// The first word that stands where a command must and is none, in words for the one who typed it. The parser would
/// call it an unexpected argument.
func unknownCommand(in words: ArraySlice<String>) -> String? {
    var command: any ParsableCommand.Type = CustomersctlCommand.self
    var path = "customersctl"
    for word in words {
        let known = command.configuration.subcommands.map {
            (name: $0.configuration.commandName ?? "\($0)".lowercased(), type: $0)
        }
        guard !known.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
        guard let next = known.first(where: { $0.name == word }) else {
            return CommandSuggestion.text(for: word, after: path, known: known.map(\.name))
        }
        command = next.type
        path += " " + word
    }
    return nil
}

if let text = unknownCommand(in: CommandLine.arguments.dropFirst()) {
    FileHandle.standardError.write(Data("customersctl: \(text)\n".utf8))
    exit(64)
}
CustomersctlCommand.main()
