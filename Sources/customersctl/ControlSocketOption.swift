import ArgumentParser

/// Where the running daemon is reached.
struct ControlSocketOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("The daemon's control socket; by default what control: says.", valueName: "path"),
        completion: .file())
    var socket: String?
}
