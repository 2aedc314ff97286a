internal import FastCGIProtocol
internal import Glibc
internal import HTTPMessage

extension HTTPRequest {
    /// Translates the parameters that libfcgi parsed.
    ///
    /// `HTTP_AUTHORIZATION` becomes `authorization` and so on; a field that came twice keeps its first value, an empty
    /// one is left out. `HTTP_PROXY`, `HTTP_X_ACCEL_…` and what frames the body are ignored (hazards 2b),
    /// `CONTENT_TYPE` becomes `content-type`. `newID` makes the request id when `REQUEST_ID` is missing or not
    /// acceptable.
    ///
    /// It is nil when a value is not UTF-8 or there is no method.
    init?(
        parameters: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, body: [UInt8], newID: () -> String
    ) {
        var raw = RawParameters()
        var next = parameters
        while let pair = next.pointee {
            next += 1
            guard raw.take(UnsafePointer(pair)) else { return nil }
        }
        guard !raw.method.isEmpty else { return nil }
        self.init(
            method: raw.method, path: raw.path, query: raw.rawQuery, headers: raw.headers, body: body,
            remoteAddress: raw.remoteAddress, requestID: raw.requestID ?? newID())
    }
}

/// The values of the parameters that make a request.
private struct RawParameters {
    var method = ""
    var query: String?
    var uri = ""
    var documentURI = ""
    var scriptName = ""
    var pathInfo = ""
    var remoteAddress = ""
    var requestID: String?
    var headers: [String: String] = [:]

    /// Takes one `NAME=value`; false when the value is not UTF-8.
    mutating func take(_ pair: UnsafePointer<CChar>) -> Bool {
        let length = strlen(pair)
        guard let equals = memchr(pair, Int32(UInt8(ascii: "=")), length) else { return true }
        let start = UnsafeRawPointer(pair)
        let nameLength = UnsafeRawPointer(equals) - start
        let name = UnsafeRawBufferPointer(start: start, count: nameLength)
        let value = UnsafeRawBufferPointer(start: start + nameLength + 1, count: length &- nameLength &- 1)
        if name.hasPrefix("HTTP_") { return takeField(UnsafeRawBufferPointer(rebasing: name[5...]), value) }
        switch nameLength {
        case 9 where name.isText("PATH_INFO"): return set(&pathInfo, value)
        case 10 where name.isText("REQUEST_ID"):
            requestID = RequestName.text(value)
            return true
        case 11 where name.isText("REMOTE_ADDR"): return set(&remoteAddress, value)
        case 11 where name.isText("REQUEST_URI"): return set(&uri, value)
        case 11 where name.isText("SCRIPT_NAME"): return set(&scriptName, value)
        case 12 where name.isText("QUERY_STRING"):
            guard let text = Self.text(value) else { return false }
            query = text
            return true
        case 12 where name.isText("CONTENT_TYPE"):
            guard let text = Self.text(value) else { return false }
            if !text.isEmpty { headers["content-type"] = text }
            return true
        case 12 where name.isText("DOCUMENT_URI"): return set(&documentURI, value)
        case 14 where name.isText("REQUEST_METHOD"): return set(&method, value)
        default: return true
        }
    }

    /// Up to the `?`; the query after it only counts when there is no `QUERY_STRING`.
    var path: String {
        if !uri.isEmpty { return uri.utf8.firstIndex(of: UInt8(ascii: "?")).map { String(uri[..<$0]) } ?? uri }
        return documentURI.isEmpty ? scriptName + pathInfo : documentURI
    }

    var rawQuery: String {
        if let query { return query }
        guard let mark = uri.utf8.firstIndex(of: UInt8(ascii: "?")) else { return "" }
        return String(uri[uri.utf8.index(after: mark)...])
    }

    private mutating func takeField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
        let isIgnored =
            name.isText("PROXY") || name.hasPrefix("X_ACCEL_") || name.isText("CONTENT_TYPE")
            || name.isText("CONTENT_LENGTH") || name.isText("TRANSFER_ENCODING")
        guard !isIgnored, !value.isEmpty, let key = Self.fieldName(name) else { return true }
        guard let text = Self.text(value) else { return false }
        if let first = headers.updateValue(text, forKey: key) { headers[key] = first }
        return true
    }

    /// `IDEMPOTENCY_KEY` → `idempotency-key`; nil for anything but capitals, digits and `_`, which no web server sends.
    private static func fieldName(_ name: UnsafeRawBufferPointer) -> String? {
        guard !name.isEmpty else { return nil }
        let text = String(unsafeUninitializedCapacity: name.count) { lower in
            for index in 0..<name.count {
                switch name[index] {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): lower[index] = name[index] | 0x20
                case UInt8(ascii: "0")...UInt8(ascii: "9"): lower[index] = name[index]
                case UInt8(ascii: "_"): lower[index] = UInt8(ascii: "-")
                default: return 0
                }
            }
            return name.count
        }
        return text.isEmpty ? nil : text
    }

    private func set(_ field: inout String, _ value: UnsafeRawBufferPointer) -> Bool {
        guard let text = Self.text(value) else { return false }
        field = text
        return true
    }

    /// The value as text, or nil when it is not UTF-8.
    private static func text(_ bytes: UnsafeRawBufferPointer) -> String? {
        // The C string ends where the value ends. (`String(validating:as:)` is generic, and several times slower.)
        bytes.baseAddress.flatMap { String(validatingCString: $0.assumingMemoryBound(to: CChar.self)) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func isText(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && hasPrefix(text)
    }

    fileprivate func hasPrefix(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount, let baseAddress else { return false }
        return memcmp(baseAddress, text.utf8Start, text.utf8CodeUnitCount) == 0
    }
}
