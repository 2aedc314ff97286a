import EventLoop
@testable import RedisClient
import TestSupport
import Testing

@Suite("Ballot")
struct BallotTests {
    @Test("more than half for one answer is enough, half is not")
    func majority() {
        let ballot = Ballot<String>(voters: 4)
        for vote in ["a", "b", "a"] {
            #expect(!ballot.isDecided)
            ballot.cast(vote)
        }
        #expect(!ballot.isDecided)
        ballot.cast("a")
        #expect(ballot.isDecided)
        #expect(ballot.answers.map(\.answer) == ["a", "b"])
        #expect(ballot.answers.map(\.votes) == [3, 1])
    }

    @Test("it ends when all have answered, some with nothing")
    func everybody() {
        let ballot = Ballot<String>(voters: 3)
        for vote in [nil, "a"] { ballot.cast(vote) }
        #expect(!ballot.isDecided)
        ballot.cast(nil)
        #expect(ballot.isDecided)
        #expect(Ballot<String>(voters: 0).isDecided)
    }

    @Test("a majority for an answer in doubt is not enough")
    func doubt() {
        let ballot = Ballot<String>(voters: 3) { $0 != "a" }
        for vote in ["a", "a"] { ballot.cast(vote) }
        #expect(!ballot.isDecided)
        ballot.cast("b")
        #expect(ballot.isDecided)
    }

    @Test("who says nothing is waited for until patience has run out")
    func patience() async throws {
        let loops = try RunningLoops()
        let loop = loops.loop
        let quick: Ballot<String>.Voter = { "a" }
        let silent: Ballot<String>.Voter = {
            try? await loop.sleep(for: .seconds(1))
            return "b"
        }
        let asking = Task(executorPreference: loop) {
            await Ballot.hold(on: loop, patience: .milliseconds(20), [quick, silent]).map(\.answer)
        }
        let answers = await asking.value
        #expect(answers == ["a"])
    }
}
