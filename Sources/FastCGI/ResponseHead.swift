internal import HTTPMessage

/// Writes the head of an answer into a fixed buffer: `Status`, the fields, `Content-Length`, an empty line. One for
/// each loop.
struct ResponseHead: ~Copyable {
    /// nginx reads a head into one buffer of 4 or 8 KiB with FastCGI's own bytes; more is not allowed.
    static let limit = 4_000

    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 8)
    private var count = 0
    private var isGood = true

    deinit { buffer.deallocate() }

    /// Writes the head of `response`.
    ///
    /// - Returns: the bytes, valid until the next call; nil when the status is not 200–599, a value has a control
    ///   character in it (response splitting), or the head is longer than 4,000 bytes.
    mutating func encode(_ response: HTTPResponse) -> UnsafeRawBufferPointer? {
        count = 0
        isGood = (200...599).contains(response.status)
        guard isGood else { return nil }
        put("Status: ")
        put(number: response.status)
        put(" ")
        put(StatusText.of(response.status))
        put("\r\n")
        for (name, value) in response.headers {
            put(value: name.rawValue)
            put(": ")
            put(value: value)
            put("\r\n")
        }
        if Self.allowsBody(response.status) {
            put("Content-Length: ")
            put(number: response.body.count)
            put("\r\n")
        }
        put("\r\n")
        return isGood ? UnsafeRawBufferPointer(rebasing: buffer[..<count]) : nil
    }

    /// 204 and 304 have neither body nor length (RFC 9110, section 8.6).
    static func allowsBody(_ status: Int) -> Bool { status != 204 && status != 304 }

    private mutating func put(_ text: StaticString) {
        put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= Self.limit &- count else {
            isGood = false
            return
        }
        UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: bytes)
        count &+= bytes.count
    }

    /// Puts text that comes from elsewhere.
    private mutating func put(value: String) {
        let start = count
        var value = value
        value.withUTF8 { put(UnsafeRawBufferPointer($0)) }
        for index in start..<count where buffer[index] < 0x20 || buffer[index] == 0x7f { isGood = false }
    }

    private mutating func put(number: Int) {
        var digits = 1
        var bound = 10
        while digits < 18, number >= bound {
            digits &+= 1
            bound &*= 10
        }
        guard digits <= Self.limit &- count else {
            isGood = false
            return
        }
        var rest = max(0, number)
        for place in 1...digits {
            buffer[count &+ digits &- place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count &+= digits
    }
}
