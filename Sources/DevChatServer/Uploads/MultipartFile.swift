/// The one file and the text fields of a `multipart/form-data` body.
struct MultipartFile: Sendable, Equatable {
    var name: String
    var type: String
    var bytes: [UInt8]
    var fields: [String: String] = [:]

    /// Reads the body; nil without a boundary or without a part named `file`.
    init?(_ request: ChatRequest) {
        guard let type = request.headers["content-type"], type.lowercased().hasPrefix("multipart/form-data"),
            let boundary = Self.parameter("boundary", of: type), !boundary.isEmpty
        else { return nil }
        let delimiter = Array("--\(boundary)".utf8)
        var found: (name: String, type: String, bytes: [UInt8])?
        var fields: [String: String] = [:]
        for part in Self.parts(of: request.body, delimiter) {
            guard let split = Self.firstIndex(of: Array("\r\n\r\n".utf8), in: part) else { continue }
            let head = String(decoding: part[part.startIndex..<split], as: UTF8.self).split(separator: "\r\n")
            let content = part[(split + 4)...]
            let disposition = head.first { $0.lowercased().hasPrefix("content-disposition:") }.map(String.init) ?? ""
            guard let field = Self.parameter("name", of: disposition) else { continue }
            if let filename = Self.parameter("filename", of: disposition), field == "file" {
                let type = head.first { $0.lowercased().hasPrefix("content-type:") }?.dropFirst("content-type:".count)
                found = (
                    filename, type.map { String($0).trimmed } ?? "application/octet-stream", Array(content)
                )
            } else {
                fields[field] = String(decoding: content, as: UTF8.self)
            }
        }
        guard let found else { return nil }
        (name, self.type, bytes) = found
        self.fields = fields
    }

    private static func parameter(_ name: String, of header: String) -> String? {
        for piece in header.split(separator: ";").dropFirst() {
            let pair = piece.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, String(pair[0]).trimmed.lowercased() == name else { continue }
            let value = String(pair[1]).trimmed
            return value.hasPrefix("\"") && value.hasSuffix("\"") && value.count > 1
                ? String(value.dropFirst().dropLast()) : value
        }
        return nil
    }

    /// What lies between delimiters, without the line breaks around it.
    private static func parts(of body: [UInt8], _ delimiter: [UInt8]) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var rest = body[...]
        var isFirst = true
        while let index = firstIndex(of: delimiter, in: rest) {
            if !isFirst, index - rest.startIndex >= 4 { parts.append(rest[(rest.startIndex + 2)..<(index - 2)]) }
            isFirst = false
            rest = rest[(index + delimiter.count)...]
        }
        return parts
    }

    private static func firstIndex(of pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = pattern.first, bytes.count >= pattern.count else { return nil }
        var index = bytes.startIndex
        while index <= bytes.endIndex - pattern.count {
            if bytes[index] == first, bytes[index..<(index + pattern.count)].elementsEqual(pattern) { return index }
            index += 1
        }
        return nil
    }
}
