extension HTTPResponse {
    /// An answer with a JSON body and `Content-Type: application/json`, followed by `headers`.
    public static func json(
        status: Int = 200, _ value: JSONValue, headers: [(name: HTTPField, value: String)] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [(.contentType, "application/json")] + headers, body: value.serialized())
    }
}
