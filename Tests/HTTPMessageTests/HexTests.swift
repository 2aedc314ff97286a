import HTTPMessage
import Testing

@Suite("Hex")
struct HexTests {
    @Test("two lower-case digits a byte")
    func digits() {
        #expect([0x00, 0x09, 0x0A, 0x7F, 0xFF].hex == "00090a7fff")
        #expect([UInt8]().hex == "")
    }
}
