import ArgumentParser
import DevChatServer
import Dispatch
import Foundation

/// `devchat`: starts the server of `DevChatServer` as the command line says and runs it until SIGTERM or SIGINT.
struct DevChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devchat",
        abstract: "A stand-in Rocket.Chat server in memory, for demos and tests. Never for production.",
        discussion: "Prints 'devchat listening on http://HOST:PORT' once it listens. Ends on SIGTERM and SIGINT.")

    @Option(help: "Address to listen on; port 0 takes a free one.")
    var listen = "127.0.0.1:0"

    @Option(help: "Write the port here once it listens.")
    var portFile: String?

    @Option(help: ArgumentHelp("The service account.", valueName: "username:password"))
    var admin = "gateway:gateway"

    @Option(help: "The service account's user id.")
    var adminID = SeedUser.serviceAccountID

    @Option(help: ArgumentHelp("A file with a personal access token of the service account.", valueName: "file"))
    var adminTokenFile: String?

    @Option(help: ArgumentHelp("An agent; may be repeated.", valueName: "username:password:email[:status]"))
    var agent: [String] = []

    @Option(help: "The major release to imitate: 6, 7, 8 or 9.")
    var band = 8

    @Option(help: "Calls per minute for each route, method and address; 0 is no limit.")
    var rateLimit = 10

    @Option(help: "Proxies trusted to name the client in X-Forwarded-For.")
    var forwardedCount = 0

    @Option(help: "Allow users.createToken with this secret; without it users.createToken is always refused.")
    var createTokenSecret: String?

    @Flag(help: "Refuse users.createToken even when a secret is given.")
    var noCreateToken = false

    @Flag(help: "Ask for no second factor anywhere.")
    var noTwoFactor = false

    @Flag(help: "Give no role the two permissions over groups the caller is not in, as a fresh Rocket.Chat does.")
    var noAnyRoomPermissions = false

    @Option(
        help: ArgumentHelp(
            "All that the role user, which customers have, may do, instead of Rocket.Chat's defaults.",
            valueName: "permission,..."))
    var customerPermissions: String?

    @Flag(help: "Let im.create leave out unknown names instead of refusing.")
    var dropUnknownNames = false

    @Option(help: "The most journal entries kept; older ones are dropped.")
    var journalLimit = 100_000

    @Option(
        help: ArgumentHelp("Bad behaviour from the start; may be repeated.", valueName: "route:kind[:value[:count]]"))
    var fault: [String] = []

    func run() async throws {
        OpenFileLimit.raise()
        let (host, port) = try address()
        let listener = try ChatListener(ChatServer(options: try serverOptions()), host: host, port: port)
        let (signals, sources) = Self.terminationSignals()
        defer { sources.forEach { $0.cancel() } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run() }
            group.addTask {
                try announce(try await listener.url())
                for await _ in signals { return }
            }
            try await group.next()
            // Cancelling ends the listener with its connections; the error it ends with is of no interest.
            group.cancelAll()
        }
    }

    private func announce(_ url: String) throws {
        if let portFile, let port = url.split(separator: ":").last {
            try Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: portFile), options: .atomic)
        }
        try FileHandle.standardOutput.write(contentsOf: Data("devchat listening on \(url)\n".utf8))
    }

    private func address() throws -> (host: String, port: UInt16) {
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]) else {
            throw ValidationError("--listen wants ADDRESS:PORT, not '\(listen)'")
        }
        let host = listen[..<colon].drop { $0 == "[" }
        return (String(host.hasSuffix("]") ? host.dropLast() : host), port)
    }

    private func serverOptions() throws -> ServerOptions {
        guard let band = VersionBand(rawValue: band) else { throw ValidationError("--band is 6, 7, 8 or 9") }
        var options = ServerOptions()
        options.band = band
        options.users = [try serviceAccount()] + (try agent.map(Self.agent))
        options.rateLimit = max(0, rateLimit)
        options.forwardedCount = max(0, forwardedCount)
        options.createTokenSecret = noCreateToken ? nil : createTokenSecret
        options.twoFactor = !noTwoFactor
        options.dropsUnknownNames = dropUnknownNames
        options.journalLimit = max(1, journalLimit)
        options.customerPermissions = customerPermissions.map { Set($0.split(separator: ",").map(String.init)) }
        if noAnyRoomPermissions { options.grants = [:] }
        options.faults = try fault.map { text in
            guard let fault = Fault(commandLine: text) else {
                throw ValidationError("--fault wants route:kind[:value[:count]], not '\(text)'")
            }
            return fault
        }
        return options
    }

    private func serviceAccount() throws -> SeedUser {
        let parts = admin.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw ValidationError("--admin wants username:password") }
        let token = try adminTokenFile.map { path in
            try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return .serviceAccount(username: parts[0], password: parts[1], id: adminID, personalToken: token)
    }

    private static func agent(_ text: String) throws -> SeedUser {
        guard let agent = SeedUser(agent: text) else {
            throw ValidationError("--agent wants username:password:email[:status]")
        }
        return agent
    }

    /// Yields at SIGTERM and SIGINT from now on, instead of their ending the process; works while the sources live.
    private static func terminationSignals() -> (stream: AsyncStream<Void>, sources: [any DispatchSourceSignal]) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        return (stream, sources)
    }
}
