extension String {
    /// The text that the bytes are in UTF-8, or nil when they are none: `String(validating:as:)`, whose generic code is
    /// several times slower, with a short way for ASCII, which most texts are.
    init?(strictUTF8 bytes: ArraySlice<UInt8>) {
        guard let text = bytes.withUnsafeBufferPointer({ Self.ascii($0) }) ?? String(validating: bytes, as: UTF8.self)
        else { return nil }
        self = text
    }

    private static func ascii(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        var all: UInt8 = 0
        for byte in bytes { all |= byte }
        guard all < 0x80 else { return nil }
        return String(unsafeUninitializedCapacity: bytes.count) { $0.initialize(fromContentsOf: bytes) }
    }
}
