import HTTPMessage
import Testing

@Suite("Percent-encoding")
struct PercentEncodingTests {
    @Test("everything but letters, digits and -._~ is encoded")
    func encoding() {
        #expect(PercentEncoding.queryComponent("aZ09-._~") == "aZ09-._~")
        #expect(PercentEncoding.queryComponent("a b&c=d+e/f?g%h\"\0") == "a%20b%26c%3Dd%2Be%2Ff%3Fg%25h%22%00")
        #expect(PercentEncoding.queryComponent("李") == "%E6%9D%8E")
        #expect(PercentEncoding.query([("roomId", "a/b"), ("count", "20")]) == "roomId=a%2Fb&count=20")
    }

    @Test("a path segment cannot change the path")
    func pathSegments() {
        #expect(PercentEncoding.pathSegment("../x") == "..%2Fx")
        #expect(PercentEncoding.pathSegment("...") == "...")
        #expect(PercentEncoding.pathSegment("..") == nil)
        #expect(PercentEncoding.pathSegment(".") == nil)
        #expect(PercentEncoding.pathSegment("") == nil)
    }
}
