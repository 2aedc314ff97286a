internal import CHiredis

extension RedisReply {
    /// Copies a reply of hiredis. An error reply becomes ``RedisReply/error(_:)`` on every level.
    init(_ reply: redisReply) {
        switch reply.type {
        case REDIS_REPLY_STRING, HiredisType.double, HiredisType.bigNumber, HiredisType.verbatim:
            self = .string(Self.bytes(reply))
        case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_INTEGER, HiredisType.boolean: self = .integer(reply.integer)
        case REDIS_REPLY_ERROR:
            self = .error(RedisServerError(message: String(decoding: Self.bytes(reply), as: UTF8.self)))
        case REDIS_REPLY_ARRAY, HiredisType.map, HiredisType.set, HiredisType.push: self = .array(Self.elements(reply))
        default: self = .null
        }
    }

    private static func bytes(_ reply: redisReply) -> [UInt8] {
        guard let text = reply.str else { return [] }
        return Array(UnsafeRawBufferPointer(start: text, count: Int(reply.len)))
    }

    // The guard bounds depth and number of the elements.
    private static func elements(_ reply: redisReply) -> [RedisReply] {
        guard let list = reply.element else { return [] }
        return UnsafeBufferPointer(start: list, count: Int(reply.elements)).map { element in
            guard let element else { return .null }
            return RedisReply(element.pointee)
        }
    }
}

/// Reply types that hiredis knows since 1.0 and that a server sends only after HELLO 3, which we never say (hazard
/// X16).
private enum HiredisType {
    static let double: Int32 = 7
    static let boolean: Int32 = 8
    static let map: Int32 = 9
    static let set: Int32 = 10
    static let push: Int32 = 12
    static let bigNumber: Int32 = 13
    static let verbatim: Int32 = 14
}
