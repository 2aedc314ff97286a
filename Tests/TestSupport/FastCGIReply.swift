/// An answer as it came over the wire.
public struct FastCGIReply: Sendable {
    /// The number in the `Status` field; 200 when there is none.
    public var status = 200
    /// The fields in order, without `Status`.
    public var headers: [(name: String, value: String)] = []
    /// What follows the empty line.
    public var body: [UInt8] = []
    /// The FastCGI request id of all its records.
    public var requestID: UInt16 = 0
    /// `appStatus` of `END_REQUEST`.
    public var applicationStatus: UInt32 = 0
    /// `protocolStatus` of `END_REQUEST`; 0 is "complete".
    public var protocolStatus: UInt8 = 0

    /// A field's value by name, whatever its case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    init(output: [UInt8]) {
        var lines: [[UInt8]] = [[]]
        var index = 0
        while index < output.count {
            if output[index] == 13, index + 1 < output.count, output[index + 1] == 10 {
                index += 2
                if lines[lines.count - 1].isEmpty { break }
                lines.append([])
            } else {
                lines[lines.count - 1].append(output[index])
                index += 1
            }
        }
        body = Array(output[min(index, output.count)...])
        for line in lines where !line.isEmpty {
            let text = String(decoding: line, as: UTF8.self)
            guard let colon = text.firstIndex(of: ":") else { continue }
            let name = String(text[..<colon])
            let value = String(text[text.index(after: colon)...].drop { $0 == " " })
            if name == "Status" { status = Int(value.prefix(3)) ?? 0 } else { headers.append((name, value)) }
        }
    }
}
