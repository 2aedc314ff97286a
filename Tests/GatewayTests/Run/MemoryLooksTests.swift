import Testing

@testable import Gateway

@Suite("Memory that a crowd has left")
struct MemoryLooksTests {
    @Test("it is given back twice, ten and a hundred seconds after the last request, and then nobody wakes for it")
    func rest() {
        var looks = MemoryLooks()
        var elapsed = Duration.zero
        var given: [Duration] = []
        for _ in 0..<4 {
            elapsed += looks.pause
            if looks.slept(isUndisturbed: true) { given.append(elapsed) }
        }
        #expect(given == [.seconds(10), .seconds(100)])
        #expect(elapsed == .seconds(7_300))
    }

    @Test("a request begins it anew, and while there are some nothing is given back")
    func requests() {
        var looks = MemoryLooks()
        let given = [true, true, true, false, false, true, true, true].map { looks.slept(isUndisturbed: $0) }
        #expect(given == [true, true, false, false, false, true, true, false])
    }
}
