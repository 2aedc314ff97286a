/// An object with a long array of objects in it, as chat servers list messages, read without making values of the rows.
///
/// What it gives is exactly what parsing everything and writing each row with ``JSONValue/serialized()`` would give. It
/// only reads what can be had so cheaply: the initialiser gives up on all other texts, whether they are JSON or not,
/// and ``JSONValue/init(parsing:maximumDepth:)`` then says what they are.
public struct JSONRows: Sendable {
    /// An object of the array.
    public struct Row: Sendable {
        /// Its JSON text: compact, keys sorted.
        public let text: [UInt8]
        /// The values of the members that were asked for, in that order; nil for those it has not.
        public let values: [JSONValue?]
    }

    /// The objects of the array, in their order.
    public private(set) var rows: [Row] = []
    /// The other members of the outer object.
    public private(set) var others: [String: JSONValue] = [:]

    private static let depthLimit = 32

    /// Reads a text; nil when it is not for this reader: no JSON object, no array of that name, something else than
    /// objects in it, a key written twice, a key that has escapes or is not ASCII, deeper nesting than 32.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - name: the array's key, in ASCII.
    ///   - members: the keys of a row whose values are wanted, in ASCII.
    public init?(parsing bytes: [UInt8], rows name: StaticString, members: [StaticString]) {
        var copier = JSONCopier(bytes, maximumDepth: Self.depthLimit)
        do throws(JSONCopier.Unfit) {
            try read(&copier, name, members)
            try copier.end()
        } catch {
            return nil
        }
    }

    private mutating func read(
        _ copier: inout JSONCopier, _ name: StaticString, _ members: [StaticString]
    ) throws(JSONCopier.Unfit) {
        var hasRows = false
        var isFirst = true
        while let key = try copier.nextKey(isFirst: isFirst) {
            isFirst = false
            if copier.has(key, equal: name) {
                guard !hasRows else { throw JSONCopier.Unfit() }
                hasRows = true
                try readRows(&copier, members)
            } else {
                let value = try copier.value(depth: 1)
                guard others.updateValue(value, forKey: copier.text(key)) == nil else { throw JSONCopier.Unfit() }
            }
        }
        guard hasRows else { throw JSONCopier.Unfit() }
    }

    private mutating func readRows(
        _ copier: inout JSONCopier, _ members: [StaticString]
    ) throws(JSONCopier.Unfit) {
        var isFirst = true
        while try copier.beginsElement(isFirst: isFirst) {
            isFirst = false
            let row = try copier.object(depth: 3, members: members)
            rows.append(Row(text: row.text, values: row.values))
        }
    }
}
