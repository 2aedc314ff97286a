/// A request as a test sends it, byte for byte; nothing is added but `Host`, `Connection: close` and `Content-Length`.
public struct HTTPTestRequest: Sendable {
    /// As it goes over the wire.
    public var method: String
    /// Path and query as they go over the wire.
    public var target: String
    /// In the order in which they are sent.
    public var headers: [(String, String)]
    /// Nil for a request without a body; then there is no `Content-Length` either.
    public var body: [UInt8]?

    /// Makes a request.
    public init(_ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// The same request with a header more.
    public func with(_ name: String, _ value: String?) -> HTTPTestRequest {
        guard let value else { return self }
        var request = self
        request.headers.append((name, value))
        return request
    }

    /// The bytes of it.
    var bytes: [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: gateway.test\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }
}

extension HTTPTestRequest {
    /// A POST with a form.
    public static func form(_ target: String, _ fields: [(String, String)]) -> HTTPTestRequest {
        HTTPTestRequest(
            "POST", target, headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(encode(fields).utf8))
    }

    /// A POST with a JSON body, which is sent as it stands.
    public static func json(_ target: String, _ body: String) -> HTTPTestRequest {
        HTTPTestRequest("POST", target, headers: [("Content-Type", "application/json")], body: Array(body.utf8))
    }

    /// A POST with multipart text fields.
    public static func multipart(
        _ target: String, _ fields: [(String, String)], boundary: String = "----boundaryOfTheTest"
    ) -> HTTPTestRequest {
        var body = ""
        for (name, value) in fields {
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        return HTTPTestRequest(
            "POST", target, headers: [("Content-Type", "multipart/form-data; boundary=\(boundary)")],
            body: Array((body + "--\(boundary)--\r\n").utf8))
    }

    /// A GET with a query string.
    public static func get(_ path: String, _ query: [(String, String)] = []) -> HTTPTestRequest {
        HTTPTestRequest("GET", query.isEmpty ? path : "\(path)?\(encode(query))")
    }

    /// `a=b&c=d`, everything but letters, digits and `-._~` escaped.
    public static func encode(_ fields: [(String, String)]) -> String {
        fields.map { "\(escape($0))=\(escape($1))" }.joined(separator: "&")
    }

    private static func escape(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII, scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                return String(scalar)
            }
            if "-._~".unicodeScalars.contains(scalar) { return String(scalar) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
