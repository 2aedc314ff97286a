internal import EventLoop

/// What is said on every new connection before it is used: AUTH and SELECT where configured, ROLE where it matters, and
/// always a PING, because a socket that says "connected" may not be (hazard X12).
struct RedisHandshake {
    let configuration: RedisConfiguration
    /// Whether a replica is refused.
    var wantsMaster = false

    /// Runs it within the connect deadline.
    ///
    /// - Throws: what went wrong, with the remedy where there is one; the connection is ended then.
    func run(on connection: RedisConnection) async throws(RedisError) {
        let deadline = connection.loop.now &+ configuration.connectDeadline.nanoseconds
        do throws(RedisError) {
            if let credential = configuration.credential {
                _ = try await connection.command(credential.command, deadline: deadline)
            }
            if configuration.database != 0 {
                _ = try await connection.command(["SELECT", .int(configuration.database)], deadline: deadline)
            }
            if wantsMaster {
                try Self.checkRole(try await connection.command(["ROLE"], deadline: deadline), of: connection)
            }
            let pong = try await connection.command(["PING"], deadline: deadline)
            guard pong == .status("PONG") else {
                throw RedisError(.protocolViolation, "PING was answered with \(pong.typeName)")
            }
        } catch {
            let explained = explain(error)
            connection.end(explained)
            throw explained
        }
    }

    private static func checkRole(_ reply: RedisReply, of connection: RedisConnection) throws(RedisError) {
        guard case .array(let parts) = reply, let role = parts.first?.text else {
            throw RedisError(.protocolViolation, "ROLE was answered with \(reply.typeName)")
        }
        guard role == "master" else {
            throw RedisError(.unavailable, "\(connection.address) is no master any more but says \"\(role)\"")
        }
    }

    private func explain(_ error: RedisError) -> RedisError {
        guard let server = error.server, let remedy = remedy(for: server) else { return error }
        return RedisError(error.code, "\(server.message) — \(remedy)", server: server)
    }

    private func remedy(for error: RedisServerError) -> String? {
        let text = error.message
        switch error.prefix {
        case .noAuth: return "the server wants a password: set redis.password_file (and redis.username for an ACL user)"
        case .wrongPassword:
            return "the server refuses the password of the \(configuration.credential?.description ?? "default user"): "
                + "check redis.username and redis.password_file"
        case .noPermission:
            return
                "the ACL of the user lacks a permission: it needs PING, SELECT for a database, ROLE with Sentinel and CLUSTER in a cluster"
        case .loading: return "the server is still reading its data; it is tried again"
        case .err where text.contains("invalid password"): return "check redis.password_file"
        case .err where text.contains("without any password configured") || text.contains("no password is set"):
            return "the server has no password: leave redis.password_file empty, or set requirepass there"
        case .err where text.contains("wrong number of arguments for 'auth'"):
            return "the server knows no user names (Redis before 6): leave redis.username empty"
        case .err where text.contains("DB index"): return "the server has no database \(configuration.database)"
        default: return nil
        }
    }
}
