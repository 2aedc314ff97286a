import Testing

@testable import FastCGI

@Suite("Request id generator")
struct RequestIDGeneratorTests {
    @Test("ids are 32 hexadecimal digits, and differ")
    func ids() {
        var generator = RequestIDGenerator()
        var other = RequestIDGenerator()
        let ids = (0..<1_000).flatMap { _ in [generator.next(), other.next()] }
        #expect(Set(ids).count == 2_000)
        #expect(ids.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy { "0123456789abcdef".contains($0) } })
        // Every digit takes many values: no place is constant.
        for place in 0..<32 { #expect(Set(ids.map { Array($0.utf8)[place] }).count == 16) }
    }
}
