import Glibc
import Testing

@testable import Telemetry

@Suite("Log output")
struct DescriptorLogOutputTests {
    /// A pipe or a socket pair; closes both ends.
    final class Channel {
        let reader: Int32
        let writer: Int32

        init(socket: Bool) throws {
            var ends: [Int32] = [-1, -1]
            let result = socket ? socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) : pipe(&ends)
            try #require(result == 0)
            (reader, writer) = (ends[0], ends[1])
            _ = fcntl(reader, F_SETFL, O_NONBLOCK)
        }

        deinit {
            close(reader)
            close(writer)
        }

        /// Whatever is there now.
        func drain() -> String {
            var all: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(reader, &buffer, buffer.count)
                if count <= 0 { return String(decoding: all, as: UTF8.self) }
                all += buffer[..<count]
            }
        }
    }

    @Test("a line arrives as it is", arguments: [true, false])
    func plain(socket: Bool) throws {
        let channel = try Channel(socket: socket)
        DescriptorLogOutput(descriptor: channel.writer, prefix: .journal).write(Array("<6>hello\n".utf8))
        #expect(channel.drain() == "<6>hello\n")
    }

    @Test("a reader that is stuck loses lines but does not stop us, and is told how many", arguments: [true, false])
    func stuck(socket: Bool) throws {
        let channel = try Channel(socket: socket)
        let output = DescriptorLogOutput(descriptor: channel.writer, prefix: .journal)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 999) + [0x0A]
        // More than any pipe or socket takes unread.
        for _ in 0..<5_000 { output.write(line) }
        let before = channel.drain()
        output.write(Array("after\n".utf8))
        let after = channel.drain()
        let lines = (before + after).split(separator: "\n").map(String.init)
        let notice = try #require(lines.firstIndex { $0.contains("log lines dropped") })
        let whole = lines[..<notice].count { $0.count == 999 }
        #expect(whole > 10)
        #expect(lines[notice] == "<4>level=warning msg=\"log lines dropped\" logger=log count=\(5_000 - whole)")
        #expect(lines.last == "after")
    }

    @Test("a descriptor that is closed is no trap")
    func closed() throws {
        DescriptorLogOutput(descriptor: -1, prefix: .timestamp).write([0x0A])
        let channel = try Channel(socket: true)
        shutdown(channel.reader, Int32(SHUT_RDWR))
        DescriptorLogOutput(descriptor: channel.writer, prefix: .timestamp).write([0x0A])
    }

    @Test("the journal is recognised by device and inode, not by the variable alone")
    func journalStream() throws {
        let channel = try Channel(socket: true)
        var status = stat()
        try #require(fstat(channel.writer, &status) == 0)
        let own = "\(status.st_dev):\(status.st_ino)"
        let prefix = { JournalStream.prefix(environment: ["JOURNAL_STREAM": $0], descriptor: channel.writer) }
        #expect(prefix(own) == .journal)
        #expect(prefix("\(status.st_dev):\(status.st_ino + 1)") == .timestamp)
        #expect(prefix(own + ":1") == .timestamp)
        #expect(prefix("") == .timestamp)
        #expect(JournalStream.prefix(environment: [:], descriptor: channel.writer) == .timestamp)
    }
}
