internal import EventLoop

/// Asks several servers the same at once, and ends as soon as more than half of them say the same, all have answered,
/// or patience has run out. Loop thread only.
// @unchecked: all state is touched on the loop's thread only.
final class Ballot<Answer: Hashable & Sendable>: @unchecked Sendable {
    /// Gets one server's answer; nil when it has none.
    typealias Voter = @Sendable () async -> Answer?

    /// The answers, in the order in which they were first given, and how many gave each.
    private(set) var answers: [(answer: Answer, votes: Int)] = []
    private let voters: Int
    private var missing: Int
    private let settles: @Sendable (Answer) -> Bool
    private var waiter: CheckedContinuation<Void, Never>?

    init(voters: Int, settles: @escaping @Sendable (Answer) -> Bool = { _ in true }) {
        self.voters = voters
        missing = voters
        self.settles = settles
    }

    /// Holds one.
    ///
    /// After `patience` the answers that are there must do. Where `settles` says that a majority for an answer is not
    /// enough, everybody is heard.
    static func hold(
        on loop: EventLoop, patience: Duration, settles: @escaping @Sendable (Answer) -> Bool = { _ in true },
        _ voters: [Voter]
    ) async -> [(answer: Answer, votes: Int)] {
        let ballot = Ballot(voters: voters.count, settles: settles)
        for voter in voters {
            Task(executorPreference: loop) { ballot.cast(await voter()) }
        }
        let timer = loop.schedule(after: patience) { ballot.close() }
        await withCheckedContinuation { waiter in
            if ballot.isDecided { waiter.resume() } else { ballot.waiter = waiter }
        }
        timer.cancel()
        return ballot.answers
    }

    /// Counts a vote.
    func cast(_ answer: Answer?) {
        missing -= 1
        if let answer {
            if let index = answers.firstIndex(where: { $0.answer == answer }) {
                answers[index].votes += 1
            } else {
                answers.append((answer, 1))
            }
        }
        if isDecided { close() }
    }

    /// Whether further votes are not waited for.
    var isDecided: Bool {
        missing <= 0 || answers.contains { $0.votes * 2 > voters && settles($0.answer) }
    }

    private func close() {
        waiter?.resume()
        waiter = nil
    }
}
