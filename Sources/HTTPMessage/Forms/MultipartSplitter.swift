/// Cuts a multipart body into parts at its boundary lines (RFC 2046 section 5.1.1). What stands before the first
/// boundary and after the closing one is ignored; a line that goes on after the boundary's text is content.
struct MultipartSplitter {
    private let bytes: [UInt8]
    private let dashedBoundary: [UInt8]
    /// The boundary line before the part that comes next; nil before the first.
    private var last: BoundaryLine?

    private struct BoundaryLine {
        /// Where the line's `\r\n--` starts, which is where the content before it ends.
        var start: Int
        /// Just after the line.
        var end: Int
        var isClosing: Bool
    }

    init(_ bytes: [UInt8], boundary: String) {
        self.bytes = bytes
        dashedBoundary = Array("--\(boundary)".utf8)
    }

    /// The header lines and the content of the next part; nil after the closing boundary.
    mutating func next() throws(FormError) -> (header: ArraySlice<UInt8>, body: ArraySlice<UInt8>)? {
        guard let opening = last ?? boundaryLine(at: 0, start: 0) ?? nextBoundaryLine(from: 0) else { throw .truncated }
        last = opening
        if opening.isClosing { return nil }
        guard let closing = nextBoundaryLine(from: opening.end) else { throw .truncated }
        last = closing
        return try Self.split(bytes[opening.end..<closing.start])
    }

    private func nextBoundaryLine(from position: Int) -> BoundaryLine? {
        var rest = bytes[position...]
        while let carriageReturn = rest.firstIndex(of: 0x0D) {
            rest = rest[(carriageReturn + 1)...]
            if rest.first == 0x0A, let line = boundaryLine(at: carriageReturn + 2, start: carriageReturn) {
                return line
            }
        }
        return nil
    }

    /// The boundary line whose dashes are at `position`, when one is there.
    private func boundaryLine(at position: Int, start: Int) -> BoundaryLine? {
        var rest = bytes[position...]
        guard rest.starts(with: dashedBoundary) else { return nil }
        rest = rest.dropFirst(dashedBoundary.count)
        let isClosing = rest.starts(with: [UInt8(ascii: "-"), UInt8(ascii: "-")])
        if isClosing { rest = rest.dropFirst(2) }
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
        if isClosing, rest.isEmpty { return BoundaryLine(start: start, end: rest.startIndex, isClosing: true) }
        guard rest.starts(with: [0x0D, 0x0A]) else { return nil }
        return BoundaryLine(start: start, end: rest.startIndex + 2, isClosing: isClosing)
    }

    /// Cuts a part at its empty line. Without one everything is header and must end its last line.
    private static func split(
        _ part: ArraySlice<UInt8>
    ) throws(FormError) -> (header: ArraySlice<UInt8>, body: ArraySlice<UInt8>) {
        if part.starts(with: [0x0D, 0x0A]) { return (part.prefix(0), part.dropFirst(2)) }
        var rest = part
        while let carriageReturn = rest.firstIndex(of: 0x0D) {
            rest = rest[carriageReturn...]
            if rest.starts(with: [0x0D, 0x0A, 0x0D, 0x0A]) { return (part[..<carriageReturn], rest.dropFirst(4)) }
            rest = rest.dropFirst()
        }
        guard part.suffix(2) == [0x0D, 0x0A] else { throw .badPart("no empty line after its header") }
        return (part.dropLast(2), [])
    }
}
