import HTTPMessage
import Testing

@Suite("Percent-encoding")
struct PercentEncodingTests {
    @Test(
        "everything but letters, digits and -._~ is encoded",
        arguments: [
            ("aZ09-._~", "aZ09-._~"), ("李", "%E6%9D%8E"),
            ("a b&c=d+e/f?g%h\"\0", "a%20b%26c%3Dd%2Be%2Ff%3Fg%25h%22%00"),
            ("../x\r\ny#", "..%2Fx%0D%0Ay%23"), ("", ""),
        ])
    func encoding(text: String, encoded: String) {
        #expect(PercentEncoding.query([("name", text)]) == "name=\(encoded)")
        #expect(PercentEncoding.query([(text, "1"), ("b", "")]) == "\(encoded)=1&b=")
    }
}
