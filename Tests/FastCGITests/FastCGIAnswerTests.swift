import FastCGI
import Glibc
import HTTPMessage
import TestSupport
import Testing

@Suite("FastCGI server: answers")
struct FastCGIAnswerTests {
    @Test("answers of every size around the borders of libfcgi's records arrive whole")
    func sizes() async throws {
        let server = try TestServer { request, _ in
            let size = Int(request.query) ?? 0
            return HTTPResponse(status: 200, body: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) })
        }
        try await server.withClient { (client) throws in
            for size in [
                0, 1, 7, 8, 8_100, 8_160, 8_184, 8_192, 16_384, 32_767, 32_768, 32_769, 65_535, 65_536, 300_001,
            ] {
                let reply = try client.exchange(FastCGIBytes.request("GET", "/?\(size)", keep: true))
                #expect(reply.body == (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) })
            }
        }
        #expect(server.server.counts.accepted == 1)
    }

    @Test("a slow reader gets a long answer whole, and holds up nobody else", arguments: ["/unix", "127.0.0.1:0"])
    func slowReader(_ kind: String) async throws {
        let long = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ $0 >> 9) }
        let server = try TestServer(tcp: kind == "/unix" ? nil : kind) { request, _ in
            HTTPResponse(status: 200, body: request.path == "/long" ? long : [1])
        }
        let address = server.address
        let slow = try FastCGIClient(address, receiveBuffer: 4_096)
        try slow.send(FastCGIBytes.request("GET", "/long", keep: true))
        // Nothing is read yet, so the socket is full and the answer is waiting.
        for _ in 0..<20 { #expect(try await server.answers()) }
        try await FastCGIClient.background { () throws in
            #expect(try slow.reply().body == long)
            #expect(try slow.exchange(FastCGIBytes.request("GET", "/short")).body == [1])
        }
        #expect(server.server.counts.refused.isEmpty)
    }

    @Test("a peer that does not take its answer in time is dropped")
    func answerDeadline() async throws {
        let server = try TestServer(configuration: FastCGIConfiguration(answerDeadline: .milliseconds(100))) { _, _ in
            HTTPResponse(status: 200, body: [UInt8](repeating: 1, count: 4 << 20))
        }
        let client = try FastCGIClient(server.address)
        try client.send(FastCGIBytes.request(keep: true))
        #expect(await eventually { server.server.counts.refused == ["answer_deadline": 1] })
        #expect(server.server.counts.connections == 0)
        _ = client
    }

    @Test("a peer that leaves within a long answer is dropped")
    func leavesWithinAnswer() async throws {
        let server = try TestServer { _, _ in HTTPResponse(status: 200, body: [UInt8](repeating: 1, count: 4 << 20)) }
        for _ in 0..<5 {
            try await server.withClient { (client) throws in
                try client.send(FastCGIBytes.request(keep: true))
                _ = try client.receiveExactly(100_000)
            }
        }
        #expect(await eventually { server.server.counts.connections == 0 })
        #expect(server.server.counts.requests == 5)
    }
}
