internal import EventLoop

/// The master of a name, as the Sentinels see it.
///
/// All Sentinels are asked at once with a short deadline: before each attempt to connect, and once a second while
/// connected (asked, not subscribed to: hazard X17). The newest answer counts (the greatest epoch, then the most
/// votes); what it names must confirm by `ROLE` that it is a master. Sentinels are spoken to without a password.
// @unchecked: all state is touched on the loop's thread only.
final class SentinelTopology: RedisTopology, @unchecked Sendable {
    private typealias Answers = [(answer: SentinelAnswer, votes: Int)]

    private let loop: EventLoop
    private let master: String
    private let sentinels: [RedisInformant]
    private let names: HostAddresses
    private let patience: Duration
    private let interval: Duration
    private var asking: Task<Void, Never>?
    private var answers: Answers = []
    /// Of the newest answer that was heard, and when: an older one is wrong for as long as this may be remembered.
    private var epoch: Int64 = 0
    private var epochHeard: UInt64 = 0
    /// With which epoch an address was given out.
    private var given: [RedisAddress: Int64] = [:]
    /// Failed since something worked: when a majority names only these, the others are heard out.
    private var suspects: Set<RedisAddress> = []
    private var lastFailure: RedisError?

    /// Sentinels that were set up anew begin to count anew.
    private static let epochMemory: UInt64 = 10_000_000_000

    init(loop: EventLoop, configuration: RedisConfiguration, sentinels hosts: [RedisHost], master: String) {
        self.loop = loop
        self.master = master
        patience = configuration.askDeadline
        interval = configuration.sentinelInterval
        let names = HostAddresses(loop: loop, deadline: min(configuration.connectDeadline, configuration.askDeadline))
        self.names = names
        sentinels = hosts.map {
            RedisInformant(loop: loop, host: $0, configuration: configuration, credential: nil, names: names)
        }
    }

    var wantsMaster: Bool { true }
    var longestPause: Duration { .milliseconds(200) }
    var checkInterval: Duration? { interval }

    func candidates() async throws(RedisError) -> [RedisAddress] {
        await ask()
        guard let best else {
            let why = lastFailure.map { ": \($0.message)" } ?? " in time"
            throw RedisError(
                .unavailable, "no Sentinel has told where \"\(master)\" is\(why)", server: lastFailure?.server)
        }
        // Older answers are wrong, not second best: a master that was replaced may not know it yet.
        if given.count > 16 { given = [:] }
        for address in best.answer.addresses { given[address] = best.answer.epoch }
        return best.answer.addresses
    }

    func tried(_ address: RedisAddress, failed: Bool) {
        if failed { suspects.insert(address) } else { suspects = [] }
    }

    func objection(to address: RedisAddress) async -> RedisError? {
        await ask()
        guard let best, !best.answer.addresses.contains(address),
            best.answer.epoch > given[address] ?? 0 || best.votes * 2 > sentinels.count
        else { return nil }
        let names = best.answer.addresses.map(\.description).joined(separator: ", ")
        return RedisError(.unavailable, "\(address) is not \"\(master)\" any more, says Sentinel: \(names) is")
    }

    func stop() {
        for sentinel in sentinels { sentinel.stop() }
    }

    /// The newest answer, unless it is older than what was heard before.
    private var best: (answer: SentinelAnswer, votes: Int)? {
        answers.filter { $0.answer.epoch >= epoch }.max {
            ($0.answer.epoch, $0.votes) < ($1.answer.epoch, $1.votes)
        }
    }

    /// Asks all Sentinels; who comes meanwhile waits for the same answers.
    private func ask() async {
        if let asking { return await asking.value }
        let task = Task(executorPreference: loop) { [self] in
            let suspects = suspects
            answers = await Ballot.hold(
                on: loop, patience: patience, settles: { !suspects.isSuperset(of: $0.addresses) },
                sentinels.map { sentinel in { await self.answer(of: sentinel) } })
            if let newest = answers.map(\.answer.epoch).max(),
                newest >= epoch || loop.now &- epochHeard > Self.epochMemory
            {
                (epoch, epochHeard) = (newest, loop.now)
            }
            asking = nil
        }
        asking = task
        await task.value
    }

    private func answer(of sentinel: RedisInformant) async -> SentinelAnswer? {
        do throws(RedisError) {
            let replies = try await sentinel.ask(SentinelAnswer.questions(about: master), within: patience)
            guard let (host, epoch) = SentinelAnswer.read(replies) else {
                throw RedisError(.unavailable, "\(sentinel.host) does not know a master \"\(master)\"")
            }
            return SentinelAnswer(addresses: try await names.addresses(of: host), epoch: epoch)
        } catch {
            lastFailure = RedisError(error.code, "\(sentinel.host): \(Self.explain(error))", server: error.server)
            return nil
        }
    }

    private static func explain(_ error: RedisError) -> String {
        guard let server = error.server else { return error.message }
        if server.prefix == .noAuth || server.prefix == .noPermission {
            return "\(server.message) — Sentinels with a password are not supported; protect them by the network"
        }
        if server.message.contains("No such master") { return "it does not know that master" }
        if server.message.contains("unknown command") {
            return "\(server.message) — that is no Sentinel; a single server's address begins with redis://"
        }
        return server.message
    }
}
