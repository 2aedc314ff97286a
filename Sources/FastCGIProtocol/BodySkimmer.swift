/// Follows the records of a body that nobody wants, to find its end (the way to a clean 413).
///
/// Bytes come in pieces of any size and are not kept.
public struct BodySkimmer: Sendable {
    /// What the bytes so far amount to.
    public enum Progress: Sendable, Equatable {
        /// The end has not come.
        case more
        /// The body ended; all of it was well formed.
        case ended
        /// Something else than the body came.
        case refused(GateRefusal)
    }

    private let requestID: UInt16
    private let contentLength: Int
    private var total = 0
    private var toSkip = 0
    private var isLast = false
    private var header: [UInt8] = []

    /// Begins behind the parameters of `request`.
    public init(_ request: OversizedRequest) {
        requestID = request.requestID
        contentLength = request.contentLength
        header.reserveCapacity(RecordHeader.length)
    }

    /// Takes the next bytes. After `.ended` or `.refused` there must be no further call.
    public mutating func take(_ bytes: UnsafeRawBufferPointer) -> Progress {
        var offset = 0
        while true {
            let skipped = min(toSkip, bytes.count &- offset)
            toSkip &-= skipped
            offset &+= skipped
            if toSkip > 0 { return .more }
            if isLast { return offset < bytes.count ? .refused(.trailingBytes) : .ended }
            guard offset < bytes.count else { return .more }
            let missing = min(RecordHeader.length &- header.count, bytes.count &- offset)
            header.append(contentsOf: bytes[offset..<(offset &+ missing)])
            offset &+= missing
            switch header.withUnsafeBytes({ RecordHeader.look($0, at: 0, in: .body, requestID: requestID) }) {
            case .incomplete: return .more
            case .refused(let refusal): return .refused(refusal)
            case .header(let record):
                header.removeAll(keepingCapacity: true)
                isLast = record.contentLength == 0
                total &+= record.contentLength
                guard isLast ? total == contentLength : total <= contentLength else { return .refused(.bodyLength) }
                toSkip = record.contentLength &+ record.paddingLength
            }
        }
    }
}
