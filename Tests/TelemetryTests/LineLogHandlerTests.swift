import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite("Log handler")
struct LineLogHandlerTests {
    final class CollectedLines: LogOutput {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func write(_ line: [UInt8]) { lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    }

    struct Failure: Error, CustomStringConvertible {
        let description = "it broke"
    }

    @Test("the shared level changes for every logger at once, a logger's own level for it alone")
    func levels() {
        let output = CollectedLines()
        let control = LogControl()
        let first = Logger(label: "a") { LineLogHandler(label: $0, control: control, output: output, prefix: .journal) }
        var second = Logger(label: "b") {
            LineLogHandler(label: $0, control: control, output: output, prefix: .journal)
        }
        first.debug("1")
        control.level = .debug
        first.debug("2")
        second.logLevel = .error
        second.warning("3")
        first.trace("4")
        control.level = .error
        first.warning("5")
        control.format = .json
        second.error("6")
        #expect(output.all.count == 2)
        #expect(output.all.first == "<7>level=debug msg=2 logger=a\n")
        #expect(output.all.last?.contains(#""msg":"6""#) == true)
    }

    @Test("every level can be set")
    func everyLevel() {
        let control = LogControl()
        for level in Logger.Level.allCases {
            control.level = level
            #expect(control.level == level)
        }
    }

    @Test("metadata comes from the provider, the logger and the call, the nearest wins; errors are shown")
    func metadata() {
        let output = CollectedLines()
        var logger = Logger(label: "a") { label in
            var handler = LineLogHandler(label: label, control: LogControl(), output: output, prefix: .journal)
            handler.metadataProvider = Logger.MetadataProvider { ["p": "1", "q": "1", "r": "1"] }
            return handler
        }
        logger[metadataKey: "q"] = "2"
        logger[metadataKey: "r"] = "2"
        logger.info("m", metadata: ["r": "3"])
        #expect(output.all == ["<6>level=info msg=m logger=a p=1 q=2 r=3\n"])
        #expect(logger[metadataKey: "q"] == "2")
        logger.error("m", error: Failure())
        #expect(output.all.last == "<3>level=error msg=m logger=a error=\"it broke\" p=1 q=2 r=2\n")
    }
}
