import FuzzDriver

/// A request that is mostly well formed, made as the input says: parameters with short and long lengths, records cut
/// anywhere, padding, any id and flags.
struct RequestPlan {
    private(set) var bytes: [UInt8] = []

    private static let names = [
        "REQUEST_METHOD", "REQUEST_URI", "QUERY_STRING", "CONTENT_TYPE", "REMOTE_ADDR", "REQUEST_ID", "PATH_INFO",
        "SCRIPT_NAME", "DOCUMENT_URI", "HTTP_AUTHORIZATION", "HTTP_HOST", "HTTP_PROXY", "HTTP_X_ACCEL_REDIRECT",
        "HTTP_ORIGIN", "HTTP_IDEMPOTENCY_KEY", "HTTP_X",
    ].map { Array($0.utf8) }

    init(_ plan: FuzzInput) {
        var plan = plan
        let id = max(plan.word(), 1)
        let flags = plan.byte()
        let body = plan.bytes(Int(plan.byte()))
        let sends = plan.byte()
        var pairs: [UInt8] = []
        if !body.isEmpty || sends & 1 != 0 { Self.add("CONTENT_LENGTH".utf8, "\(body.count)".utf8, sends, to: &pairs) }
        while !plan.isEmpty, pairs.count < 60_000 {
            let choice = plan.byte()
            let name = choice & 1 == 0 ? Self.names[Int(choice >> 1) % 16] : plan.bytes(Int(choice >> 1) % 40)
            var value = plan.bytes(Int(plan.byte()))
            // As long as a header field can be, from few bytes of input.
            if choice & 0x80 != 0 { value = Array(repeatElement(value, count: Int(plan.byte())).joined()) }
            Self.add(name, value, choice >> 5, to: &pairs)
        }
        record(1, id, [0, 1, flags, 0, 0, 0, 0, 0])
        stream(4, id, pairs, cut: Int(sends >> 1 & 7), padding: sends >> 4)
        record(4, id, [])
        stream(5, id, body, cut: Int(sends >> 4 & 7), padding: sends >> 1 & 15)
        record(5, id, [], padding: sends > 250 ? sends : 0)
    }

    private static func add(
        _ name: some Collection<UInt8>, _ value: some Collection<UInt8>, _ form: UInt8, to pairs: inout [UInt8]
    ) {
        for (count, long) in [(name.count, form & 1 != 0), (value.count, form & 2 != 0)] {
            pairs += count < 128 && !long ? [UInt8(count)] : [0x80, 0, UInt8(count >> 8 & 255), UInt8(count & 255)]
        }
        pairs += name
        pairs += value
    }

    private mutating func record(_ type: UInt8, _ id: UInt16, _ content: some Collection<UInt8>, padding: UInt8 = 0) {
        let (size, padded) = (content.count, Int(padding))
        bytes += [1, type, UInt8(id >> 8), UInt8(id & 255), UInt8(size >> 8 & 255), UInt8(size & 255), padding, 0]
        bytes += content
        bytes += repeatElement(0xee, count: padded)
    }

    private mutating func stream(_ type: UInt8, _ id: UInt16, _ content: [UInt8], cut: Int, padding: UInt8) {
        // Small records cost a socket more than they carry: the shortest only for short streams.
        let size = max([65_535, 1, 7, 100, 1_000, 8_184, 8_192, 30_000][cut], content.count / 200)
        var rest = content[...]
        while !rest.isEmpty {
            record(type, id, rest.prefix(size), padding: padding)
            rest = rest.dropFirst(size)
        }
    }
}
