extension RedisClient {
    /// Runs a Lua script by its SHA; a server that does not have it is sent it first.
    ///
    /// - Parameters:
    ///   - script: the script, the same object every time.
    ///   - keys: `KEYS` of the script; all of one tenant, so that they share a slot.
    ///   - arguments: `ARGV` of the script.
    /// - Returns: what the script returns.
    /// - Throws: as ``send(_:)``; `NOSCRIPT` never gets out.
    public nonisolated(nonsending) func eval(
        _ script: RedisScript, keys: [String], arguments: [RedisArgument] = []
    ) async throws(RedisError) -> RedisReply {
        if let sha = script.sha {
            do throws(RedisError) {
                return try await run("EVALSHA", .string(sha), keys, arguments)
            } catch {
                // Restarted, flushed, or another server: it had no effect there.
                guard error.code == .server(.noScript) else { throw error }
            }
        }
        let sha = try await load(script, near: keys.first)
        do throws(RedisError) {
            return try await run("EVALSHA", .string(sha), keys, arguments)
        } catch {
            guard error.code == .server(.noScript) else { throw error }
        }
        return try await run("EVAL", .string(script.source), keys, arguments)
    }

    /// `key` says which node of a cluster needs it.
    private nonisolated(nonsending) func load(
        _ script: RedisScript, near key: String?
    ) async throws(RedisError) -> String {
        let reply = try await send(
            ["SCRIPT", "LOAD", .string(script.source)], to: key.map { .nodeOf(key: $0) } ?? .wherever)
        guard let sha = reply.text, sha.utf8.count == 40, sha.utf8.allSatisfy(Self.isHexDigit) else {
            throw RedisError(.protocolViolation, "SCRIPT LOAD of \(script.name) was answered with \(reply.typeName)")
        }
        script.remember(sha: sha)
        return sha
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private nonisolated(nonsending) func run(
        _ command: RedisArgument, _ script: RedisArgument, _ keys: [String], _ arguments: [RedisArgument]
    ) async throws(RedisError) -> RedisReply {
        var words: [RedisArgument] = []
        words.reserveCapacity(3 + keys.count + arguments.count)
        words.append(command)
        words.append(script)
        words.append(.int(keys.count))
        for key in keys { words.append(.string(key)) }
        words.append(contentsOf: arguments)
        return try await send(words)
    }
}
