/// The eight bytes in front of every record (FastCGI 1.0, section 3.3); numbers are big-endian.
///
/// ```
///  0         1         2         3         4         5         6         7
/// +---------+---------+---------+---------+---------+---------+---------+---------+
/// | version |  type   |     requestId     |   contentLength   | padding |reserved |
/// +---------+---------+---------+---------+---------+---------+---------+---------+
/// ```
struct RecordHeader: Equatable, Sendable {
    /// Bytes of a header.
    static let length = 8

    var type: RecordType
    var requestID: UInt16
    var contentLength: Int
    var paddingLength: Int

    init(type: RecordType, requestID: UInt16, contentLength: Int, paddingLength: Int = 0) {
        self.type = type
        self.requestID = requestID
        self.contentLength = contentLength
        self.paddingLength = paddingLength
    }
}

/// Where in a request a record stands; it decides which types may come.
enum RequestPhase: Sendable {
    case begin
    case parameters
    case body
}

extension RecordHeader {
    /// What a look at a header says.
    enum Look: Equatable, Sendable {
        case header(RecordHeader)
        /// So far good, but bytes are missing.
        case incomplete
        case refused(GateRefusal)
    }

    /// Looks at the header at `offset`, whole or not, and refuses it at its first bad byte. `requestID` is the id that
    /// the request began with; it does not matter in phase `begin`.
    static func look(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, in phase: RequestPhase, requestID: UInt16
    ) -> Look {
        let available = bytes.count &- offset
        guard available >= 1 else { return .incomplete }
        guard bytes[offset] == 1 else { return .refused(.version) }
        guard available >= 2 else { return .incomplete }
        let type: RecordType
        switch check(bytes[offset &+ 1], in: phase) {
        case .success(let good): type = good
        case .failure(let refusal): return .refused(refusal)
        }
        guard available >= 4 else { return .incomplete }
        let id = UInt16(bytes[offset &+ 2]) << 8 | UInt16(bytes[offset &+ 3])
        guard id != 0 else { return .refused(.managementRecord) }
        guard phase == .begin || id == requestID else { return .refused(.foreignRequestID) }
        guard available >= length else { return .incomplete }
        return .header(
            RecordHeader(
                type: type, requestID: id,
                contentLength: Int(bytes[offset &+ 4]) << 8 | Int(bytes[offset &+ 5]),
                paddingLength: Int(bytes[offset &+ 6])))
    }

    private static func check(_ byte: UInt8, in phase: RequestPhase) -> Result<RecordType, GateRefusal> {
        guard let type = RecordType(rawValue: byte) else { return .failure(.unknownType) }
        switch (type, phase) {
        case (.beginRequest, .begin), (.parameters, .parameters), (.standardInput, .body): return .success(type)
        case (.beginRequest, _): return .failure(.secondBegin)
        case (.abortRequest, _): return .failure(.abortRequest)
        case (.data, _): return .failure(.dataRecord)
        case (.getValues, _), (.getValuesResult, _), (.unknownType, _): return .failure(.managementRecord)
        case (.parameters, .begin), (.standardInput, .begin): return .failure(.missingBegin)
        default: return .failure(.unexpectedRecord)
        }
    }
}
