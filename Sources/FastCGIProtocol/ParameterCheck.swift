/// Checks the name-value pairs of a request (FastCGI 1.0, section 3.4) without copying them.
///
/// ```
/// +------------+-------------+------+-------+
/// | nameLength | valueLength | name | value |     a length is 1 byte below 128, else 4 bytes with the top bit set
/// +------------+-------------+------+-------+
/// ```
///
/// A name may occur twice only when it is a client's header field (`HTTP_…`): those a client can repeat. All other
/// names are the web server's own, and of the fields those that identify the caller or frame the body.
struct ParameterCheck: Sendable {
    private let limits: GateLimits
    private var marks: [NameMark] = []
    private(set) var count = 0
    private(set) var contentLength = 0
    /// The value of `REQUEST_ID`, made only for a request whose body is too large.
    private(set) var requestName: String?
    private var requestNameRange: Range<Int>?

    /// Where a name lies that must not come again.
    private struct NameMark: Sendable {
        var hash: UInt64
        var start: Int
        var length: Int
    }

    init(limits: GateLimits) {
        self.limits = limits
        marks.reserveCapacity(64)
    }

    /// Checks the pairs in `content`; nil when nothing is wrong so far. A pair may be cut off at the end unless
    /// `ended`.
    mutating func run(_ content: UnsafeRawBufferPointer, ended: Bool) -> GateRefusal? {
        count = 0
        contentLength = 0
        requestName = nil
        requestNameRange = nil
        marks.removeAll(keepingCapacity: true)
        let missing: GateRefusal? = ended ? .parametersTruncated : nil
        var offset = 0
        while offset < content.count {
            count &+= 1
            guard count <= limits.parameterCount else { return .parameterCount }
            let name = Self.length(content, at: &offset)
            guard name.atLeast <= limits.nameLength else { return .parameterNameLength }
            guard name.isWhole else { return missing }
            guard name.atLeast > 0 else { return .parameterNameLength }
            let value = Self.length(content, at: &offset)
            guard value.atLeast <= limits.valueLength else { return .parameterValueLength }
            guard value.isWhole else { return missing }
            let valueStart = offset &+ name.atLeast
            let end = valueStart &+ value.atLeast
            guard end <= limits.parametersLength else { return .parametersLength }
            guard let hash = Self.hash(content, from: offset, to: min(valueStart, content.count)) else {
                return .parameterName
            }
            guard valueStart <= content.count else { return missing }
            let present = UnsafeRawBufferPointer(rebasing: content[valueStart..<min(end, content.count)])
            guard !present.containsZero else { return .parameterValue }
            guard end <= content.count else { return missing }
            if let refusal = keep(content, NameMark(hash: hash, start: offset, length: name.atLeast), present) {
                return refusal
            }
            offset = end
        }
        if contentLength > limits.bodyLength, let range = requestNameRange {
            requestName = RequestName.text(UnsafeRawBufferPointer(rebasing: content[range]))
        }
        return nil
    }

    /// Remembers a name and takes in the values that the gate itself needs.
    private mutating func keep(
        _ content: UnsafeRawBufferPointer, _ mark: NameMark, _ value: UnsafeRawBufferPointer
    ) -> GateRefusal? {
        let name = UnsafeRawBufferPointer(rebasing: content[mark.start..<(mark.start &+ mark.length)])
        guard !name.isFieldName || Self.isGuardedField(name) else { return nil }
        for other in marks where other.hash == mark.hash && other.length == mark.length {
            let earlier = UnsafeRawBufferPointer(rebasing: content[other.start..<(other.start &+ other.length)])
            if earlier.elementsEqual(name) { return .duplicateParameter }
        }
        marks.append(mark)
        if name.equals("CONTENT_LENGTH") {
            guard let number = Self.number(value) else { return .contentLength }
            contentLength = number
        } else if name.equals("REQUEST_ID") {
            requestNameRange = (mark.start &+ mark.length)..<(mark.start &+ mark.length &+ value.count)
        }
        return nil
    }

    private static func isGuardedField(_ name: UnsafeRawBufferPointer) -> Bool {
        name.equals("HTTP_AUTHORIZATION") || name.equals("HTTP_HOST") || name.equals("HTTP_CONTENT_LENGTH")
            || name.equals("HTTP_CONTENT_TYPE") || name.equals("HTTP_TRANSFER_ENCODING")
    }

    /// A length of 1 or 4 bytes. Missing bytes count as 0, so the number is right or too small.
    private static func length(
        _ content: UnsafeRawBufferPointer, at offset: inout Int
    ) -> (atLeast: Int, isWhole: Bool) {
        guard offset < content.count else { return (0, false) }
        let first = content[offset]
        guard first & 0x80 != 0 else {
            offset &+= 1
            return (Int(first), true)
        }
        var number = Int(first & 0x7f)
        for place in 1..<4 {
            let position = offset &+ place
            number = number << 8 | (position < content.count ? Int(content[position]) : 0)
        }
        let isWhole = content.count &- offset >= 4
        offset &+= 4
        return (number, isWhole)
    }

    /// A hash of a name, or nil when it has `=` or NUL in it. Eight bytes at a time.
    private static func hash(_ content: UnsafeRawBufferPointer, from start: Int, to end: Int) -> UInt64? {
        var hash = UInt64(truncatingIfNeeded: end &- start)
        var position = start
        while position < end {
            let word = content.word(at: position, count: min(8, end &- position), filler: UInt8(ascii: "_"))
            guard !word.hasZeroByte, !(word ^ 0x3d3d_3d3d_3d3d_3d3d).hasZeroByte else { return nil }
            hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 32
            position &+= 8
        }
        return hash
    }

    /// Decimal digits only; "" is 0, and more than 10¹⁵ is 10¹⁵.
    private static func number(_ text: UnsafeRawBufferPointer) -> Int? {
        var number = 0
        for byte in text {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            number = min(number &* 10 &+ Int(byte &- UInt8(ascii: "0")), 1_000_000_000_000_000)
        }
        return number
    }
}
