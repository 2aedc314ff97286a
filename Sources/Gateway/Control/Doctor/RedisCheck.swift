internal import RedisClient

/// Looks at Redis: whether it answers, whether it keeps what it is told, and whether its clock agrees.
struct RedisCheck {
    let redis: RedisClient

    func findings() async -> [Finding] {
        let address = redis.configuration.endpoint.description
        do throws(RedisError) {
            _ = try await redis.send(["PING"])
        } catch {
            return [.fault("Redis at \(address): \(error)", Self.remedy(for: error, redis.configuration))]
        }
        var findings: [Finding] = []
        do throws(RedisError) {
            _ = try await redis.send(["EVAL", "return redis.call('TIME')", 0])
        } catch {
            findings.append(
                .fault(
                    "Redis does not run scripts for us: \(error)",
                    "the ACL needs +@scripting +@read +@write +@pubsub ~cg:* &cg:*"))
        }
        if let info = (try? await redis.send(["INFO"]))?.text {
            findings.insert(.good("Redis \(Self.field("redis_version", info) ?? "?") answers at \(address)"), at: 0)
            findings += Self.findings(info: info, saving: await saving())
        } else {
            findings.append(
                .warning("Redis does not show INFO to us; its settings were not looked at", "the ACL needs +info"))
        }
        if let clock = await clock() { findings.append(clock) }
        return findings
    }

    /// When Redis writes itself to its disk (`save` in redis.conf), "" for never; nil when it does not tell us.
    private func saving() async -> String? {
        guard let reply = (try? await redis.send(["CONFIG", "GET", "save"]))?.array, reply.count == 2 else {
            return nil
        }
        return reply[1].text
    }

    /// What INFO says of version, memory, persistence and role; `saving` is the setting `save`, where it is known.
    static func findings(info: String, saving: String? = nil) -> [Finding] {
        var findings: [Finding] = []
        if let version = field("redis_version", info), isTooOld(version) {
            findings.append(
                .fault(
                    "Redis \(version) is too old: client_connect is answered 503",
                    "the gateway needs Redis 6.2 or newer; Debian 12 has 7.0"))
        }
        if let role = field("role", info), role != "master" {
            findings.append(.fault("Redis is a \(role): it takes no writes", "redis.url must name the master"))
        }
        let limit = field("maxmemory", info).flatMap { Int($0) } ?? 0
        let policy = field("maxmemory_policy", info) ?? "noeviction"
        if limit > 0, policy != "noeviction" {
            findings.append(
                .warning(
                    "Redis throws keys away when its memory is full (maxmemory-policy \(policy)): sessions and queue places are lost",
                    "CONFIG SET maxmemory-policy noeviction, and in redis.conf; or a Redis of the gateway's own"))
        } else {
            findings.append(
                .good(
                    "Redis throws nothing away"
                        + (limit > 0 ? " (noeviction, limit \(limit >> 20) MiB)" : " (no memory limit)")))
        }
        if limit > 0, let used = field("used_memory", info).flatMap({ Int($0) }), used > limit / 10 * 9 {
            findings.append(
                .fault(
                    "Redis has used \(used >> 20) of \(limit >> 20) MiB: writes fail when it is full", "raise maxmemory"
                ))
        }
        if field("rdb_last_bgsave_status", info) == "err" || field("aof_last_write_status", info) == "err" {
            findings.append(
                .fault(
                    "Redis cannot write to its disk, and may refuse writes",
                    "df -h, and Redis's log: journalctl -u redis-server"))
        }
        if field("aof_enabled", info) == "0", saving == "" {
            findings.append(
                Finding(
                    outcome: .note,
                    text:
                        "Redis keeps nothing over a restart: that costs sign-ins and queue places, never a conversation",
                    remedy: "appendonly yes in redis.conf keeps them"))
        }
        return findings
    }

    /// Below 6.2, which our scripts need (`ZADD … GT`).
    private static func isTooOld(_ version: String) -> Bool {
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        guard numbers.count >= 2 else { return false }
        return (numbers[0], numbers[1]) < (6, 2)
    }

    private func clock() async -> Finding? {
        guard let parts = (try? await redis.send(["TIME"]))?.array, let seconds = parts.first?.integer else {
            return nil
        }
        let skew = seconds - WallClock.milliseconds() / 1_000
        guard abs(skew) > 5 else { return .good("Redis's clock agrees with ours") }
        return .warning(
            "Redis's clock is \(abs(skew)) s \(skew > 0 ? "ahead of" : "behind") ours",
            "keep both with NTP: timedatectl set-ntp true")
    }

    private static func remedy(for error: RedisError, _ configuration: RedisConfiguration) -> String {
        // One that was met while connecting is in trouble with the server as well.
        switch error.server?.prefix {
        case .noAuth, .wrongPassword:
            return
                "set redis.username and redis.password_file as Redis has them (requirepass, or ACL LIST), then restart"
        case .noPermission:
            return "the ACL of the gateway's user needs +@all ~cg:* &cg:*, or what redis.conf allows less"
        default: break
        }
        guard case .unix(let path) = configuration.endpoint else {
            return
                "is Redis running there, is redis.url right, does a firewall stand between? Ask with redis-cli -u ADDRESS ping"
        }
        return
            "is Redis running (systemctl status redis-server), does it have unixsocket \(path) in redis.conf, and is the daemon's "
            + "user in its group (usermod -aG redis customersd)?"
    }

    private static func field(_ name: String, _ info: String) -> String? {
        for line in info.split(whereSeparator: \.isNewline) where line.hasPrefix(name + ":") {
            return String(line.dropFirst(name.count + 1))
        }
        return nil
    }
}
