import FastCGIProtocol

/// BEGIN_REQUEST, responder, id 1, connection not kept.
let begin: [UInt8] = [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]

func record(_ type: UInt8, _ content: [UInt8] = [], id: UInt16 = 1, padding: Int = 0) -> [UInt8] {
    [
        1, type, UInt8(id >> 8), UInt8(id & 255), UInt8(content.count >> 8), UInt8(content.count & 255), UInt8(padding),
        0,
    ] + content + [UInt8](repeating: 0xee, count: padding)
}

func stream(_ type: UInt8, _ content: [UInt8], size: Int = 65_535, padding: Int = 0) -> [UInt8] {
    stride(from: 0, to: content.count, by: size).flatMap {
        record(type, Array(content[$0..<min($0 + size, content.count)]), padding: padding)
    } + record(type)
}

func pair(_ name: [UInt8], _ value: [UInt8]) -> [UInt8] { length(name.count) + length(value.count) + name + value }

func pair(_ name: String, _ value: String) -> [UInt8] { pair(Array(name.utf8), Array(value.utf8)) }

func length(_ count: Int) -> [UInt8] {
    count < 128
        ? [UInt8(count)]
        : [0x80 | UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)]
}

func request(parameters: [(String, String)] = [], body: [UInt8] = [], padding: Int = 0) -> [UInt8] {
    begin + stream(4, parameters.flatMap { pair($0.0, $0.1) }, padding: padding)
        + stream(5, body, size: 30_000, padding: padding)
}

/// The verdict over a copy of its own of exactly these bytes, so that a read beyond them is found.
func verdict(_ bytes: [UInt8], _ limits: GateLimits = GateLimits()) -> GateVerdict {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    var gate = FastCGIGate(limits: limits)
    return gate.examine(UnsafeRawBufferPointer(copy))
}

extension GateVerdict {
    var isComplete: Bool { if case .complete = self { true } else { false } }
}

/// SplitMix64: the same numbers every time.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
