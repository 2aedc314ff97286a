import FastCGIProtocol
import Testing

@Suite("FastCGI gate: any input")
struct GateMutationTests {
    #if DEBUG
        static let rounds = 20_000
    #else
        static let rounds = 250_000
    #endif

    @Test("mutated requests never trap, and only well-formed ones pass", arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(seed: UInt64) {
        var numbers = SeededNumbers(state: seed)
        var gate = FastCGIGate(limits: GateLimits(bodyLength: 4_096))
        var passed = 0
        var refused = 0
        for _ in 0..<(Self.rounds / 4) {
            var bytes = Self.seedRequest(&numbers)
            for _ in 0..<Int.random(in: 0...4, using: &numbers) { Self.mutate(&bytes, &numbers) }
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            defer { copy.deallocate() }
            copy.copyBytes(from: bytes)
            switch gate.examine(UnsafeRawBufferPointer(copy)) {
            case .complete(let shape):
                passed += 1
                #expect(shape.length == bytes.count)
                #expect(shape.requestID != 0)
                #expect(shape.bodyLength <= 4_096)
            case .refused: refused += 1
            case .incomplete(let atLeast): #expect(atLeast > bytes.count)
            case .tooLarge(let large):
                #expect(large.contentLength > 4_096)
                #expect(large.bodyOffset <= bytes.count)
            }
        }
        // Both outcomes must be common, or the mutations test nothing.
        #expect(passed > Self.rounds / 40)
        #expect(refused > Self.rounds / 40)
    }

    @Test("random bytes behind a good beginning never trap")
    func randomBytes() {
        var numbers = SeededNumbers(state: 99)
        for _ in 0..<2_000 {
            let tail = (0..<Int.random(in: 0...200, using: &numbers)).map { _ in
                UInt8.random(in: 0...255, using: &numbers)
            }
            _ = verdict(tail)
            _ = verdict(begin + tail)
            _ = verdict(begin + record(4, tail) + record(4))
            _ = verdict(begin + record(4, pair("CONTENT_LENGTH", "100")) + record(4) + tail)
        }
    }

    @Test("tiny limits never trap")
    func tinyLimits() {
        let bytes = request(parameters: [("A", "1"), ("CONTENT_LENGTH", "5")], body: Array("hello".utf8))
        for limit in 0...80 {
            for length in 0...bytes.count {
                let limits = GateLimits(
                    parameterCount: limit, nameLength: limit, valueLength: limit, parametersLength: limit,
                    bodyLength: limit, requestLength: limit)
                _ = verdict(Array(bytes[..<length]), limits)
            }
        }
    }

    private static func seedRequest(_ numbers: inout SeededNumbers) -> [UInt8] {
        let body = [UInt8](repeating: 0x41, count: Int.random(in: 0...40, using: &numbers))
        var parameters = [("CONTENT_LENGTH", String(body.count)), ("REQUEST_METHOD", "POST"), ("REQUEST_ID", "a1")]
        for index in 0..<Int.random(in: 0...5, using: &numbers) {
            parameters.append(
                ("HTTP_X\(index)", String(repeating: "v", count: Int.random(in: 0...200, using: &numbers))))
        }
        return request(parameters: parameters, body: body, padding: Int.random(in: 0...9, using: &numbers))
    }

    private static func mutate(_ bytes: inout [UInt8], _ numbers: inout SeededNumbers) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &numbers)
        switch Int.random(in: 0..<6, using: &numbers) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &numbers)
        case 2: bytes.remove(at: place)
        case 3: bytes.insert(UInt8.random(in: 0...255, using: &numbers), at: place)
        case 4: bytes.removeSubrange(place...)
        default: bytes += bytes[place...].prefix(Int.random(in: 0...64, using: &numbers))
        }
    }
}
