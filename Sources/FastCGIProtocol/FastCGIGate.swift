/// The gate in front of libfcgi: looks at the bytes in a socket and says what they are (DESIGN.md section 4).
///
/// Only one whole, valid request passes, in this order of records, all of one id:
///
/// ```
/// BEGIN_REQUEST(responder)  PARAMS…  PARAMS(empty)  STDIN…  STDIN(empty)
/// ```
///
/// It keeps no state between two calls, only its scratch space: whoever has more bytes asks again with all of them. A
/// value of its own for each thread; any input is fine, none traps.
public struct FastCGIGate: Sendable {
    /// The bounds it applies.
    public let limits: GateLimits
    private var parameters: ParameterCheck
    /// The parameters' bytes when they came in several records.
    private var joined: [UInt8] = []

    /// Makes a gate.
    public init(limits: GateLimits = GateLimits()) {
        self.limits = limits
        parameters = ParameterCheck(limits: limits)
    }

    /// Examines all bytes that have come since the last request's end.
    public mutating func examine(_ bytes: UnsafeRawBufferPointer) -> GateVerdict {
        let begin: RecordHeader
        switch Self.beginRecord(bytes) {
        case .header(let header): begin = header
        case .incomplete: return .incomplete(atLeast: bytes.count &+ 1)
        case .refused(let refusal): return .refused(refusal)
        }
        let keepConnection = bytes[RecordHeader.length &+ 2] & 1 != 0
        var offset = RecordHeader.length &* 2
        if let early = passParameters(bytes, from: &offset, requestID: begin.requestID) { return early }
        guard parameters.contentLength <= limits.bodyLength else {
            return .tooLarge(
                OversizedRequest(
                    requestID: begin.requestID, keepConnection: keepConnection, contentLength: parameters.contentLength,
                    bodyOffset: offset,
                    requestName: parameters.requestName))
        }
        var padded = false
        if let early = passBody(bytes, from: &offset, requestID: begin.requestID, padded: &padded) { return early }
        guard bytes.count == offset else { return .refused(.trailingBytes) }
        return .complete(
            RequestShape(
                length: offset, requestID: begin.requestID, keepConnection: keepConnection,
                parameterCount: parameters.count, bodyLength: parameters.contentLength, endsPadded: padded))
    }

    /// ```
    ///  8         9         10        11 … 15
    /// +---------+---------+---------+---------+
    /// |       role        |  flags  |reserved |      role 1 = responder, flags bit 0 = keep the connection
    /// +---------+---------+---------+---------+
    /// ```
    private static func beginRecord(_ bytes: UnsafeRawBufferPointer) -> RecordHeader.Look {
        let look = RecordHeader.look(bytes, at: 0, in: .begin, requestID: 0)
        guard case .header(let header) = look else { return look }
        guard header.contentLength == 8 else { return .refused(.beginLength) }
        guard header.paddingLength == 0 else { return .refused(.misplacedPadding) }
        guard bytes.count >= 9 else { return .incomplete }
        guard bytes[8] == 0 else { return .refused(.role) }
        guard bytes.count >= 10 else { return .incomplete }
        guard bytes[9] == 1 else { return .refused(.role) }
        return bytes.count >= 16 ? look : .incomplete
    }

    /// Walks the `PARAMS` records to the empty one and checks what they carry; nil when all is there and good.
    private mutating func passParameters(
        _ bytes: UnsafeRawBufferPointer, from offset: inout Int, requestID: UInt16
    ) -> GateVerdict? {
        var total = 0
        var pieces = 0
        var only = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset])
        joined.removeAll(keepingCapacity: true)
        while true {
            let header: RecordHeader
            switch RecordHeader.look(bytes, at: offset, in: .parameters, requestID: requestID) {
            case .header(let good): header = good
            case .refused(let refusal): return .refused(refusal)
            case .incomplete:
                return check(only, pieces, ended: false) ?? .incomplete(atLeast: bytes.count &+ 1)
            }
            offset &+= RecordHeader.length
            if header.contentLength == 0 {
                guard header.paddingLength == 0 else { return .refused(.misplacedPadding) }
                return check(only, pieces, ended: true)
            }
            total &+= header.contentLength
            guard total <= limits.parametersLength else { return .refused(.parametersLength) }
            let available = min(header.contentLength, bytes.count &- offset)
            let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset &+ available)])
            if pieces == 0 {
                only = piece
            } else {
                if pieces == 1 { joined.append(contentsOf: only) }
                joined.append(contentsOf: piece)
            }
            pieces &+= 1
            offset &+= header.contentLength &+ header.paddingLength
            guard offset <= limits.requestLength else { return .refused(.requestLength) }
            guard offset <= bytes.count else {
                return check(only, pieces, ended: false) ?? .incomplete(atLeast: bytes.count &+ 1)
            }
        }
    }

    private mutating func check(_ only: UnsafeRawBufferPointer, _ pieces: Int, ended: Bool) -> GateVerdict? {
        let refusal =
            pieces <= 1
            ? parameters.run(only, ended: ended)
            : joined.withUnsafeBytes { parameters.run($0, ended: ended) }
        return refusal.map { .refused($0) }
    }

    /// Walks the `STDIN` records to the empty one; nil when all is there and as long as announced.
    private func passBody(
        _ bytes: UnsafeRawBufferPointer, from offset: inout Int, requestID: UInt16, padded: inout Bool
    ) -> GateVerdict? {
        var total = 0
        while true {
            let header: RecordHeader
            switch RecordHeader.look(bytes, at: offset, in: .body, requestID: requestID) {
            case .header(let good): header = good
            case .refused(let refusal): return .refused(refusal)
            case .incomplete: return .incomplete(atLeast: bytes.count &+ 1)
            }
            let isLast = header.contentLength == 0
            total &+= header.contentLength
            guard isLast ? total == parameters.contentLength : total <= parameters.contentLength else {
                return .refused(.bodyLength)
            }
            offset &+= RecordHeader.length &+ header.contentLength &+ header.paddingLength
            guard offset <= limits.requestLength else { return .refused(.requestLength) }
            guard offset <= bytes.count else { return .incomplete(atLeast: isLast ? offset : offset &+ 1) }
            if isLast {
                padded = header.paddingLength != 0
                return nil
            }
        }
    }
}
