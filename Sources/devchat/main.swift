import ArgumentParser

// A stand-in Rocket.Chat server in memory, for the demo and the tests: see `DevChatCommand`.
let command = DevChatCommand.parseOrExit()
do {
    try await command.run()
} catch {
    DevChatCommand.exit(withError: error)
}
