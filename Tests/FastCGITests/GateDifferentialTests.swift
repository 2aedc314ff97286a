import FastCGIProtocol
import Glibc
import Testing

@testable import FastCGI

/// What a request says, by a decoder of the tests' own.
private struct Decoded: Equatable {
    var parameters: [[UInt8]] = []
    var body: [UInt8] = []

    /// Decodes without checking: the gate has passed it.
    init(_ bytes: [UInt8]) {
        var pairs: [UInt8] = []
        var offset = 0
        while offset + 8 <= bytes.count {
            let length = Int(bytes[offset + 4]) << 8 | Int(bytes[offset + 5])
            let content = bytes[(offset + 8)..<(offset + 8 + length)]
            if bytes[offset + 1] == 4 { pairs += content }
            if bytes[offset + 1] == 5 { body += content }
            offset += 8 + length + Int(bytes[offset + 6])
        }
        var rest = pairs[...]
        func length() -> Int {
            let first = Int(rest.removeFirst())
            guard first >= 128 else { return first }
            let more = rest.prefix(3).reduce(first & 127) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(3)
            return more
        }
        while !rest.isEmpty {
            let (name, value) = (length(), length())
            parameters.append(Array(rest.prefix(name)) + [61] + Array(rest.dropFirst(name).prefix(value)))
            rest = rest.dropFirst(name + value)
        }
    }
}

@Suite("FastCGI gate against libfcgi")
struct GateDifferentialTests {
    /// Requests for each of the eight seeds.
    #if DEBUG
        static let rounds = 100
    #else
        static let rounds = 1_500
    #endif

    @Test(
        "whatever the gate passes, libfcgi parses to the same parameters and body, and leaves nothing in the socket",
        arguments: 1...8)
    func differential(seed: Int) throws {
        try FastCGILibrary.initialize()
        var numbers = SeededNumbers(state: UInt64(seed))
        var gate = FastCGIGate()
        var passed = 0
        for round in 0..<Self.rounds {
            var bytes = Self.request(&numbers)
            for _ in 0..<Int.random(in: 0...2, using: &numbers) { Self.mutate(&bytes, &numbers) }
            guard case .complete(let shape) = bytes.withUnsafeBytes({ gate.examine($0) }) else { continue }
            passed += 1
            try Self.compare(bytes, shape, "seed \(seed), round \(round)")
        }
        #expect(passed > Self.rounds / 3)
    }

    private static func compare(_ bytes: [UInt8], _ shape: RequestShape, _ place: String) throws {
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, ListenSocket.streamType(), 0, &pair) == 0)
        defer { close(pair[1]) }
        _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
        _ = fcntl(pair[1], F_SETFL, O_NONBLOCK)
        try #require(write(pair[1], bytes, bytes.count) == bytes.count)
        let codec = FastCGICodec()
        let parsed = codec.parse(pair[0], bodyLength: shape.bodyLength) { parameters, body in
            var texts: [[UInt8]] = []
            var next = parameters
            while let text = next.pointee {
                texts.append(Array(UnsafeRawBufferPointer(start: text, count: strlen(text))))
                next = next.advanced(by: 1)
            }
            return (parameters: texts, body: body)
        }
        guard case .request(let request, let keep, let number) = parsed else {
            Issue.record("libfcgi refuses what the gate passed: \(place), \(bytes)")
            return
        }
        let expected = Decoded(bytes)
        #expect(keep == shape.keepConnection, "\(place)")
        #expect(number == shape.requestID, "\(place)")
        // The first is libfcgi's own: FCGI_ROLE=RESPONDER.
        #expect(Array(request.parameters.dropFirst()) == expected.parameters, "\(place)")
        #expect(request.parameters.count - 1 == shape.parameterCount, "\(place)")
        #expect(request.body == expected.body, "\(place)")
        var left = [UInt8](repeating: 0, count: 512)
        let unread = recv(pair[0], &left, left.count, 0)
        #expect(shape.endsPadded ? unread < 256 : unread == -1, "\(place): \(unread) bytes left")
        // The answer carries the request's id.
        let writer = try #require(codec.writer(for: number, on: pair[0]))
        #expect(Array("ok".utf8).withUnsafeBytes { writer.write($0) })
        #expect(writer.finish(isLast: false))
        var answer = [UInt8](repeating: 0, count: 512)
        #expect(read(pair[1], &answer, 512) == 40)
        #expect(UInt16(answer[2]) << 8 | UInt16(answer[3]) == shape.requestID)
        close(pair[0])
    }

    /// A request with everything that the protocol leaves open: ids, flags, padding, cuts, long lengths, empty streams.
    private static func request(_ numbers: inout SeededNumbers) -> [UInt8] {
        let id = UInt16.random(in: 1...65_535, using: &numbers)
        let body = random(
            Bool.random(using: &numbers) ? 0 : Int.random(in: 1...20_000, using: &numbers), 0...255, &numbers)
        var pairs: [UInt8] = []
        func add(_ name: [UInt8], _ value: [UInt8]) {
            for count in [name.count, value.count] {
                pairs +=
                    count < 128 && Int.random(in: 0..<4, using: &numbers) > 0
                    ? [UInt8(count)] : [0x80, 0, UInt8(count >> 8), UInt8(count & 255)]
            }
            pairs += name + value
        }
        for index in 0..<Int.random(in: 0...30, using: &numbers) {
            let size = [0, 1, 127, 128, 300, 3_000].randomElement(using: &numbers) ?? 0
            add(Array("N\(index)".utf8) + random(size / 20, 65...90, &numbers), random(size, 1...255, &numbers))
        }
        if !body.isEmpty || Bool.random(using: &numbers) {
            add(Array("CONTENT_LENGTH".utf8), Array("\(body.count)".utf8))
        }
        let flags = UInt8.random(in: 0...255, using: &numbers)
        let last = Int.random(in: 0..<5, using: &numbers) == 0 ? Int.random(in: 0...255, using: &numbers) : 0
        return record(1, id, [0, 1, flags, 1, 2, 3, 4, 5]) + stream(4, id, pairs, &numbers)
            + record(4, id, []) + stream(5, id, body, &numbers) + record(5, id, [], last)
    }

    private static func random(_ count: Int, _ range: ClosedRange<UInt8>, _ numbers: inout SeededNumbers) -> [UInt8] {
        let start = Int.random(in: 0...255, using: &numbers)
        let size = range.count
        return (0..<count).map { range.lowerBound &+ UInt8(truncatingIfNeeded: (start &+ $0 &* 7) % size) }
    }

    private static func record(_ type: UInt8, _ id: UInt16, _ content: [UInt8], _ padding: Int = 0) -> [UInt8] {
        let head = [1, type, UInt8(id >> 8), UInt8(id & 255), UInt8(content.count >> 8), UInt8(content.count & 255)]
        return head + [UInt8(padding), 7] + content + [UInt8](repeating: 1, count: padding)
    }

    private static func stream(_ type: UInt8, _ id: UInt16, _ content: [UInt8], _ numbers: inout SeededNumbers)
        -> [UInt8]
    {
        var bytes: [UInt8] = []
        var rest = content[...]
        let most = [40, 1_000, 65_535].randomElement(using: &numbers) ?? 65_535
        while !rest.isEmpty {
            let size = Int.random(in: 1...most, using: &numbers)
            let padding = Bool.random(using: &numbers) ? 0 : Int.random(in: 0...255, using: &numbers)
            bytes += record(type, id, Array(rest.prefix(size)), padding)
            rest = rest.dropFirst(size)
            // Small records cost the socket more than they carry.
            if bytes.count > 40_000 { return record(type, id, Array(content)) }
        }
        return bytes
    }

    private static func mutate(_ bytes: inout [UInt8], _ numbers: inout SeededNumbers) {
        // Mostly in the records' headers and the first parameters, where it matters.
        let place = Int.random(in: 0..<min(bytes.count, 200), using: &numbers)
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &numbers)
        case 2: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 0...3, using: &numbers), at: place)
        }
    }
}

/// SplitMix64: the same numbers every time.
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
