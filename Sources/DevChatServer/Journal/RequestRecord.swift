/// What the journal keeps of a request: enough to assert on, no secret.
enum RequestRecord {
    /// Names whose values are never kept, at any depth.
    private static let secret: Set<String> = [
        "password", "pass", "resume", "secret", "code", "authtoken", "token", "rc_token", "digest",
    ]
    private static let bodyCap = 4096

    static func fields(of request: ChatRequest, status: Int, user: StoredUser?) -> [String: JSON] {
        var fields: [String: JSON] = [
            "method": .string(request.method), "path": .string(request.path), "status": .int(status),
            "user": user.map { .string($0.username) } ?? .null,
        ]
        if !request.query.isEmpty { fields["query"] = redacted(.object(request.queryFields)) }
        if let id = request.headers["x-request-id"] { fields["requestId"] = .string(id) }
        if request.body.count <= bodyCap {
            let body = request.json
            if !body.isEmpty { fields["body"] = redacted(.object(body)) }
        }
        return fields
    }

    private static func redacted(_ value: JSON) -> JSON {
        switch value {
        case .object(let fields):
            .object(
                Dictionary(
                    uniqueKeysWithValues: fields.map { name, value in
                        (name, secret.contains(name.lowercased()) ? "***" : redacted(value))
                    }))
        case .array(let list): .array(list.map(redacted))
        default: value
        }
    }
}
