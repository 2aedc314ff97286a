/// Which master serves which slots, as a node of the cluster sees it.
struct SlotMap: Sendable {
    /// Slots next to each other with one master.
    struct Range: Sendable, Hashable {
        var first: UInt16
        var last: UInt16
        var master: RedisHost
    }

    /// In the order of the slots.
    let ranges: [Range]
    /// The masters, each once.
    let masters: [RedisHost]
    /// Their replicas, as far as they are alive.
    let replicas: Set<RedisHost>

    /// Reads the reply to `CLUSTER SLOTS`. `host` is who was asked: nodes that do not know their own address are
    /// reached the way it was.
    ///
    /// - Throws: ``RedisError/Code/protocolViolation`` for anything of another shape.
    init(_ reply: RedisReply, from host: RedisHost) throws(RedisError) {
        guard case .array(let entries) = reply else { throw Self.broken }
        var ranges: [Range] = []
        var replicas: Set<RedisHost> = []
        for entry in entries {
            guard let parts = entry.array, parts.count >= 3,
                let first = parts[0].integer.flatMap({ UInt16(exactly: $0) }),
                let last = parts[1].integer.flatMap({ UInt16(exactly: $0) }), first <= last, last < HashSlot.count
            else { throw Self.broken }
            // "?" is a master whose name is not known yet: its slots are served by nobody for now.
            guard let master = try Self.node(parts[2], from: host) else { continue }
            ranges.append(Range(first: first, last: last, master: master))
            for part in parts.dropFirst(3) {
                if let replica = try Self.node(part, from: host) { replicas.insert(replica) }
            }
        }
        ranges.sort { $0.first < $1.first }
        for (range, next) in zip(ranges, ranges.dropFirst()) where next.first <= range.last { throw Self.broken }
        self.ranges = ranges
        self.replicas = replicas
        var masters: [RedisHost] = []
        for range in ranges where !masters.contains(range.master) { masters.append(range.master) }
        self.masters = masters
    }

    /// Who serves a slot; nil when nobody does.
    func master(of slot: UInt16) -> RedisHost? {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = low + (high - low) / 2
            if ranges[middle].last < slot { low = middle + 1 } else { high = middle }
        }
        guard low < ranges.count, ranges[low].first <= slot else { return nil }
        return ranges[low].master
    }

    /// Whether every slot has a master.
    var isComplete: Bool { ranges.reduce(0) { $0 + Int($1.last) - Int($1.first) + 1 } == HashSlot.count }

    private static func node(_ reply: RedisReply, from host: RedisHost) throws(RedisError) -> RedisHost? {
        guard let parts = reply.array, parts.count >= 2, let port = parts[1].integer.flatMap({ UInt16(exactly: $0) }),
            port > 0
        else { throw broken }
        switch parts[0].text {
        case nil, "": return RedisHost(host.name, port: port)
        case "?": return nil
        case let name?: return RedisHost(name, port: port)
        }
    }

    private static let broken = RedisError(.protocolViolation, "CLUSTER SLOTS was answered with something else")
}

/// Two maps are the same when the masters are: replicas come and go.
extension SlotMap: Hashable {
    static func == (one: SlotMap, other: SlotMap) -> Bool { one.ranges == other.ranges }
    func hash(into hasher: inout Hasher) { hasher.combine(ranges) }
}
