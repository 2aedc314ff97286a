/// Which nodes of a cluster a command may go to, by its keys.
///
/// Only commands whose keys are not simply the first argument are listed. A command that is missing here goes where its
/// first argument leads, and the server answers `MOVED` or `CROSSSLOT` when that was wrong.
enum CommandRoute: Equatable {
    /// It has no key: any node.
    case anyNode
    /// All its keys are in this slot.
    case slot(UInt16)
    /// Its keys are in several slots; no node can do that.
    case severalSlots
    /// It has no key and asks for, or changes, one server's share of the keys: each master must be told by itself.
    case everyMaster

    init(_ arguments: [RedisArgument]) {
        guard let name = Self.name(arguments) else {
            self = .anyNode
            return
        }
        switch name {
        case "PING", "ECHO", "TIME", "INFO", "PUBLISH", "PUBSUB", "SCRIPT", "FUNCTION", "CLUSTER", "CONFIG", "COMMAND",
            "ACL", "ROLE", "LATENCY", "SLOWLOG", "LASTSAVE", "MODULE", "LOLWUT":
            self = .anyNode
        case "DBSIZE", "KEYS", "RANDOMKEY", "FLUSHALL", "FLUSHDB", "SAVE", "BGSAVE", "BGREWRITEAOF", "SWAPDB":
            self = .everyMaster
        case "SCAN": self = Self.scan(arguments)
        case "EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO":
            self = Self.common(Self.counted(arguments, at: 2))
        case "ZUNION", "ZINTER", "ZDIFF", "SINTERCARD", "ZINTERCARD", "ZMPOP", "LMPOP":
            self = Self.common(Self.counted(arguments, at: 1))
        case "ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE":
            self = Self.common(arguments.dropFirst().prefix(1) + Self.counted(arguments, at: 2))
        case "DEL", "UNLINK", "EXISTS", "TOUCH", "MGET", "PFCOUNT", "PFMERGE", "SUNION", "SINTER", "SDIFF",
            "SUNIONSTORE", "SINTERSTORE", "SDIFFSTORE":
            self = Self.common(arguments.dropFirst())
        case "MSET", "MSETNX":
            self = Self.common(stride(from: 1, to: arguments.count, by: 2).lazy.map { arguments[$0] })
        case "RENAME", "RENAMENX", "COPY", "SMOVE", "RPOPLPUSH", "LMOVE", "ZRANGESTORE", "GEOSEARCHSTORE", "LCS":
            self = Self.common(arguments.dropFirst().prefix(2))
        case "BITOP": self = Self.common(arguments.dropFirst(2))
        case "OBJECT", "MEMORY", "XINFO", "XGROUP": self = Self.common(arguments.dropFirst(2).prefix(1))
        default: self = Self.common(arguments.dropFirst().prefix(1))
        }
    }

    /// The name in capitals.
    static func name(_ arguments: [RedisArgument]) -> String? {
        switch arguments.first {
        case .string(let name): name.uppercased()
        case .bytes(let name): String(decoding: name, as: UTF8.self).uppercased()
        case .integer, nil: nil
        }
    }

    private static func common(_ keys: some Sequence<RedisArgument>) -> CommandRoute {
        var slot: UInt16?
        for key in keys {
            let next = HashSlot.of(key)
            if let slot, slot != next { return .severalSlots }
            slot = next
        }
        return slot.map { .slot($0) } ?? .anyNode
    }

    /// The keys behind their number.
    private static func counted(_ arguments: [RedisArgument], at index: Int) -> ArraySlice<RedisArgument> {
        guard arguments.count > index else { return [] }
        let count: Int? =
            switch arguments[index] {
            case .integer(let number): Int(exactly: number)
            case .string(let text): Int(text)
            case .bytes(let bytes): Int(String(decoding: bytes, as: UTF8.self))
            }
        // What is no number is the server's to refuse.
        guard let count, count > 0 else { return [] }
        return arguments[(index + 1)...].prefix(count)
    }

    /// A pattern with a hash tag in plain text finds keys of one slot only: one node can be asked.
    private static func scan(_ arguments: [RedisArgument]) -> CommandRoute {
        for (index, argument) in arguments.enumerated().dropFirst(2) {
            guard case .string(let option) = argument, option.uppercased() == "MATCH", index + 1 < arguments.count,
                case .string(let pattern) = arguments[index + 1]
            else { continue }
            guard let close = pattern.utf8.firstIndex(of: UInt8(ascii: "}")) else { return .everyMaster }
            let head = pattern.utf8[...close]
            guard let open = head.firstIndex(of: UInt8(ascii: "{")), head.index(after: open) < close,
                !head.contains(where: { "*?[]\\^".utf8.contains($0) })
            else { return .everyMaster }
            return .slot(HashSlot.of(head))
        }
        return .everyMaster
    }
}
