/// A whole answer as bytes, for a request that libfcgi never saw (FastCGI 1.0, sections 3.3 and 5.5).
///
/// ```
/// STDOUT(payload)  STDOUT(empty)  END_REQUEST(status 0, REQUEST_COMPLETE)
/// ```
public enum PlainAnswer {
    /// Encodes an answer of at most 65,535 bytes; more is cut off.
    public static func bytes(requestID: UInt16, payload: [UInt8]) -> [UInt8] {
        let length = min(payload.count, 65_535)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length &+ 32)
        bytes.append(contentsOf: header(.standardOutput, requestID, length))
        bytes.append(contentsOf: payload.prefix(length))
        bytes.append(contentsOf: header(.standardOutput, requestID, 0))
        bytes.append(contentsOf: header(.endRequest, requestID, 8))
        bytes.append(contentsOf: [0, 0, 0, 0, 0, 0, 0, 0])
        return bytes
    }

    private static func header(_ type: RecordType, _ requestID: UInt16, _ length: Int) -> [UInt8] {
        [
            1, type.rawValue, UInt8(requestID >> 8), UInt8(requestID & 0xff),
            UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length), 0, 0,
        ]
    }
}
