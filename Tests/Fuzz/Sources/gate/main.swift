// Any bytes that may lie in a socket: the gate's verdict on them, on what was there before the last of them came, and
// under other limits.
import FastCGIProtocol
import FuzzDriver

let tight = GateLimits(
    parameterCount: 3, nameLength: 16, valueLength: 40, parametersLength: 120, bodyLength: 24, requestLength: 400)
var gates = [FastCGIGate(), FastCGIGate(limits: tight)]

func examine(_ bytes: UnsafeRawBufferPointer, _ gate: inout FastCGIGate) {
    let verdict = gate.examine(bytes)
    Fuzzing.expect(gate.examine(bytes) == verdict, "the same bytes get the same verdict")
    switch verdict {
    case .complete(let shape):
        Fuzzing.expect(shape.length == bytes.count, "a complete request is all there is")
        Fuzzing.expect(shape.requestID != 0, "no management record passes")
        Fuzzing.expect(shape.bodyLength <= gate.limits.bodyLength, "the body keeps the limit")
        Fuzzing.expect(shape.parameterCount <= gate.limits.parameterCount, "the parameters keep the limit")
        Fuzzing.expect(shape.length <= gate.limits.requestLength, "the request keeps the limit")
    case .incomplete(let atLeast): Fuzzing.expect(atLeast > bytes.count, "more bytes are asked for")
    case .tooLarge(let large):
        Fuzzing.expect(large.contentLength > gate.limits.bodyLength, "only a body over the limit is too large")
        Fuzzing.expect(large.bodyOffset <= bytes.count, "the body begins within the bytes")
        skim(bytes, large)
    case .refused: break
    }
    guard let last = bytes.last else { return }
    // Where the connection stood a moment ago.
    let cut = bytes.count - 1 - Int(last) % bytes.count
    switch (gate.examine(UnsafeRawBufferPointer(rebasing: bytes[..<cut])), verdict) {
    case (.incomplete(let atLeast), .complete(let shape)):
        Fuzzing.expect(atLeast <= shape.length, "what is announced as missing is missing")
    case (.incomplete, _): break
    case (.complete, .refused(.trailingBytes)): break
    case (.complete, _): Fuzzing.expect(false, "nothing may follow a complete request")
    case (.tooLarge(let before), let now):
        Fuzzing.expect(now == .tooLarge(before), "what is too large stays so")
    case (.refused, .refused): break
    case (.refused, _): Fuzzing.expect(false, "what is refused stays so")
    }
}

/// The body that nobody wants, at once and in pieces.
func skim(_ bytes: UnsafeRawBufferPointer, _ large: OversizedRequest) {
    var whole = BodySkimmer(large)
    let body = UnsafeRawBufferPointer(rebasing: bytes[large.bodyOffset...])
    let outcome = whole.take(body)
    var skimmer = BodySkimmer(large)
    var rest = body[...]
    var size = 1
    while true {
        let piece = rest.prefix(size)
        rest = rest.dropFirst(size)
        let progress = skimmer.take(UnsafeRawBufferPointer(rebasing: piece))
        if case .refused = progress {
            guard case .refused = outcome else { return Fuzzing.expect(false, "pieces are refused like the whole") }
            return
        }
        if rest.isEmpty || progress == .ended {
            let isSame = rest.isEmpty ? progress == outcome : outcome == .refused(.trailingBytes)
            return Fuzzing.expect(isSame, "pieces end like the whole")
        }
        size = size % 7 + 1
    }
}

Fuzzing.run { bytes in
    for index in gates.indices { examine(bytes, &gates[index]) }
}
