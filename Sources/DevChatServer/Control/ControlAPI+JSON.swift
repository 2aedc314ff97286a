extension Fault {
    /// The fault as `GET /_devchat/fault` shows it.
    var json: JSON {
        var fields: [String: JSON] = ["route": .string(route), "kind": .string(kind.rawValue)]
        if let milliseconds { fields["ms"] = .int(milliseconds) }
        if let status { fields["status"] = .int(status) }
        if let count { fields["count"] = .int(count) }
        if let body { fields["body"] = body }
        if skip > 0 { fields["skip"] = .int(skip) }
        if onlyRequests { fields["onlyRequests"] = true }
        return .object(fields)
    }
}

extension SeedUser {
    /// Reads one user of `POST /_devchat/users`; nil when it does not fit.
    init?(json: JSON) {
        let known: Set<String> = ["id", "username", "name", "password", "email", "roles", "status"]
        guard let fields = json.fields, known.isSuperset(of: fields.keys), let username = fields["username"]?.text,
            UserFieldRules.isPlainName(username)
        else { return nil }
        let status = fields["status"]?.text
        guard status == nil || status.flatMap(PresenceStatus.init(rawValue:)) != nil else { return nil }
        self.init(
            id: fields["id"]?.text, username: username, name: fields["name"]?.text,
            password: fields["password"]?.text ?? username, email: fields["email"]?.text,
            roles: fields["roles"]?.list?.compactMap(\.text) ?? ["user"], status: status)
    }
}
