import ArgumentParser

/// `customersctl completion`.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Prints a completion script for a shell.",
        discussion: examples(
            "customersctl completion bash > /etc/bash_completion.d/customersctl",
            "customersctl completion zsh > /usr/local/share/zsh/site-functions/_customersctl",
            "customersctl completion fish > /etc/fish/completions/customersctl.fish"))

    @Argument(help: "bash, zsh or fish.", completion: .list(["bash", "zsh", "fish"]))
    var shell: String

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell) else { throw ValidationError("bash, zsh or fish") }
        let script = CustomersctlCommand.completionScript(for: shell)
        // A shell reads it, and nobody runs it: no line that names an interpreter.
        print(script.hasPrefix("#!") ? String(script.drop { $0 != "\n" }.drop(while: \.isNewline)) : script)
    }
}
