/// What a request says, read without any check: the gate has passed it.
struct ExpectedRequest {
    /// `NAME=value` of each parameter.
    var parameters: [[UInt8]] = []
    var body: [UInt8] = []

    init(_ bytes: [UInt8]) {
        var pairs: [UInt8] = []
        var rest = bytes[...]
        while rest.count >= 8 {
            let header = Array(rest.prefix(8))
            let content = rest.dropFirst(8).prefix(Int(header[4]) * 256 + Int(header[5]))
            switch header[1] {
            case 4: pairs += content
            case 5: body += content
            default: break
            }
            rest = bytes[(content.endIndex + Int(header[6]))...]
        }
        var reader = pairs[...]
        while !reader.isEmpty {
            let name = Self.length(&reader)
            let value = Self.length(&reader)
            let text = Array(reader.prefix(name)) + [UInt8(ascii: "=")] + Array(reader.dropFirst(name).prefix(value))
            parameters.append(text)
            reader = reader.dropFirst(name + value)
        }
    }

    /// One byte, or four of which the first has its highest bit set.
    private static func length(_ reader: inout ArraySlice<UInt8>) -> Int {
        let first = Int(reader.removeFirst())
        if first < 128 { return first }
        let rest = reader.prefix(3)
        reader = reader.dropFirst(3)
        return rest.reduce(first - 128) { $0 * 256 + Int($1) }
    }
}
