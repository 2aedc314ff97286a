/// Builds FastCGI records byte by byte, right or wrong as a test needs them, without any code under test.
///
/// ```
/// version type requestId(2) contentLength(2) paddingLength reserved   content…   padding…
/// ```
public enum FastCGIBytes {
    /// One record of at most 65,535 bytes of content.
    public static func record(
        type: UInt8, id: UInt16 = 1, content: [UInt8] = [], padding: Int = 0, version: UInt8 = 1
    ) -> [UInt8] {
        [
            version, type, UInt8(id >> 8), UInt8(id & 0xff), UInt8(content.count >> 8), UInt8(content.count & 0xff),
            UInt8(padding), 0,
        ] + content + [UInt8](repeating: 0, count: padding)
    }

    /// `BEGIN_REQUEST`.
    public static func begin(id: UInt16 = 1, role: UInt16 = 1, keep: Bool = false) -> [UInt8] {
        record(
            type: 1, id: id, content: [UInt8(role >> 8), UInt8(role & 0xff), keep ? 1 : 0, 0, 0, 0, 0, 0])
    }

    /// A length in its short form, or in the long one when it must or shall be.
    public static func length(_ length: Int, long: Bool = false) -> [UInt8] {
        if length < 128, !long { return [UInt8(length)] }
        return [
            UInt8(length >> 24 & 0x7f) | 0x80, UInt8(length >> 16 & 0xff), UInt8(length >> 8 & 0xff),
            UInt8(length & 0xff),
        ]
    }

    /// A name-value pair.
    public static func pair(_ name: [UInt8], _ value: [UInt8], long: Bool = false) -> [UInt8] {
        length(name.count, long: long) + length(value.count, long: long) + name + value
    }

    /// Name-value pairs.
    public static func pairs(_ pairs: [(String, String)]) -> [UInt8] {
        pairs.flatMap { pair(Array($0.0.utf8), Array($0.1.utf8)) }
    }

    /// A stream in records of at most `size` bytes, with the empty record that ends it.
    public static func stream(
        type: UInt8, id: UInt16 = 1, _ content: [UInt8], size: Int = 65_535, padding: Int = 0, ended: Bool = true
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        var start = 0
        while start < content.count {
            let end = min(start + size, content.count)
            bytes += record(type: type, id: id, content: Array(content[start..<end]), padding: padding)
            start = end
        }
        return ended ? bytes + record(type: type, id: id) : bytes
    }

    /// A whole request, as a web server sends it. `parameters` come before those for the method, target and length.
    public static func request(
        _ method: String = "GET", _ target: String = "/", id: UInt16 = 1, keep: Bool = false,
        parameters: [(String, String)] = [], body: [UInt8] = []
    ) -> [UInt8] {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let from = parameters.contains { $0.0 == "REMOTE_ADDR" } ? [] : [("REMOTE_ADDR", "192.0.2.7")]
        let all =
            parameters + from + [
                ("REQUEST_METHOD", method), ("REQUEST_URI", target), ("DOCUMENT_URI", String(parts[0])),
                ("QUERY_STRING", parts.count > 1 ? String(parts[1]) : ""),
                ("CONTENT_LENGTH", body.isEmpty ? "" : String(body.count)),
            ]
        return begin(id: id, keep: keep) + stream(type: 4, id: id, pairs(all))
            + stream(type: 5, id: id, body, size: 32_768)
    }
}
