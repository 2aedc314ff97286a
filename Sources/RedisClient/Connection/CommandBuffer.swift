/// Lays a command's arguments out for hiredis: one block of bytes, and pointers and lengths into it. Reused.
struct CommandBuffer {
    private var block: [UInt8] = []
    private var lengths: [Int] = []
    private var pointers: [UnsafePointer<CChar>?] = []

    /// Keeps no more than this after a large command.
    private static let keptCapacity = 65_536

    /// Calls `body` with `argc`, `argv` and `argvlen`, which are valid during the call only.
    mutating func withArguments<R>(
        _ arguments: [RedisArgument],
        _ body: (Int32, UnsafeMutablePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int>?) -> R
    ) -> R {
        block.removeAll(keepingCapacity: block.capacity <= Self.keptCapacity)
        lengths.removeAll(keepingCapacity: true)
        pointers.removeAll(keepingCapacity: true)
        for argument in arguments {
            let start = block.count
            switch argument {
            case .string(let text): block.append(contentsOf: text.utf8)
            case .bytes(let bytes): block.append(contentsOf: bytes)
            case .integer(let value): appendDecimal(value)
            }
            lengths.append(block.count - start)
        }
        // An empty block has no address; hiredis wants one even for an argument of no bytes.
        if block.isEmpty { block.append(0) }
        return block.withUnsafeBytes { bytes in
            var offset = 0
            for length in lengths {
                pointers.append(bytes.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) })
                offset += length
            }
            return pointers.withUnsafeMutableBufferPointer { pointers in
                lengths.withUnsafeBufferPointer { lengths in
                    body(Int32(clamping: lengths.count), pointers.baseAddress, lengths.baseAddress)
                }
            }
        }
    }

    private mutating func appendDecimal(_ value: Int64) {
        let start = block.count
        var rest = value.magnitude
        repeat {
            block.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        if value < 0 { block.append(UInt8(ascii: "-")) }
        block[start...].reverse()
    }
}
