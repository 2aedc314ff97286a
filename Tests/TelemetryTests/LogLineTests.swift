import Logging
import Testing

@testable import Telemetry

@Suite("Log line")
struct LogLineTests {
    static let time = LogTime(seconds: 1_795_482_123, milliseconds: 7)

    static func line(
        _ message: String, level: Logger.Level = .info, metadata: Logger.Metadata = [:], format: LogFormat = .logfmt,
        prefix: LogPrefix = .timestamp
    ) -> String {
        String(
            decoding: LogLine.bytes(
                level: level, message: message, label: "gateway", metadata: metadata, format: format, prefix: prefix,
                time: time),
            as: UTF8.self)
    }

    @Test("logfmt: time first, request id before the other metadata")
    func logfmt() {
        #expect(
            Self.line("ready", metadata: ["workers": "4", "a": "b c", "request_id": "r-1", "z": ""])
                == #"time=2026-11-24T01:02:03.007Z level=info msg=ready logger=gateway request_id=r-1 a="b c" workers=4 z="""#
                + "\n")
    }

    @Test("JSON: one object a line")
    func json() {
        #expect(
            Self.line(
                "not \"ready\"", metadata: ["request_id": "r", "list": ["a", ["k": "v"]], "n": .stringConvertible(7)],
                format: .json)
                == #"{"time":"2026-11-24T01:02:03.007Z","level":"info","msg":"not \"ready\"","logger":"gateway","request_id":"r","list":["a",{"k":"v"}],"n":"7"}"#
                + "\n")
    }

    @Test(
        "the journal gets its priorities, and no time",
        arguments: [
            (.trace, "<7>level=trace"), (.debug, "<7>level=debug"), (.info, "<6>level=info"),
            (.notice, "<5>level=notice"),
            (.warning, "<4>level=warning"), (.error, "<3>level=error"), (.critical, "<2>level=critical"),
        ] as [(Logger.Level, String)])
    func priorities(level: Logger.Level, start: String) {
        #expect(Self.line("x", level: level, prefix: .journal) == "\(start) msg=x logger=gateway\n")
        #expect(Self.line("x", level: level, format: .json, prefix: .journal).hasPrefix(start.prefix(3) + "{\"time\""))
    }

    @Test("nothing in a text can end the line, forge a pair, or drive a terminal", arguments: LogFormat.allCases)
    func injection(format: LogFormat) {
        let evil = "a\r\n<2>level=critical\t\u{1B}[31m\u{0}\u{7F}\u{9B}2J\u{85}\u{2028}\u{202E}\\\" x=y"
        let line = Self.line(evil, metadata: ["k": "\(evil)", "bad key=\n": "v"], format: format, prefix: .journal)
        let escaped = #"a\r\n<2>level=critical\t\u001b[31m\u0000\u007f\u009b2J\u0085\u2028\u202e\\\" x=y"#
        switch format {
        case .logfmt: #expect(line == "<6>level=info msg=\"\(escaped)\" logger=gateway _bad_key__=v k=\"\(escaped)\"\n")
        case .json:
            #expect(
                line == #"<6>{"time":"2026-11-24T01:02:03.007Z","level":"info","msg":""# + escaped
                    + #"","logger":"gateway","_bad_key__":"v","k":""# + escaped + "\"}\n")
        }
        #expect(line.unicodeScalars.count { $0.properties.generalCategory == .control } == 1)
    }

    @Test("metadata cannot pose as the line's own keys")
    func ownKeys() {
        #expect(
            Self.line("m", metadata: ["level": "critical", "msg": "x"], prefix: .journal)
                == "<6>level=info msg=m logger=gateway level_=critical msg_=x\n")
    }

    @Test("a dictionary becomes pairs of its own")
    func dictionary() {
        #expect(
            Self.line(
                "m",
                metadata: ["peer": ["port": "6379", "a b": "c", "password": "x"], "l": ["1", ["2"], ["token": "t"]]],
                prefix: .journal)
                == "<6>level=info msg=m logger=gateway l=[1,[2],{token:[redacted]}] peer.a_b=c peer.password=[redacted] peer.port=6379\n"
        )
    }

    @Test(
        "secrets are withheld by their key, wherever they are", arguments: LogFormat.allCases,
        [
            "authorization", "Authorization", "token", "chat_token", "X-Auth-Token", "authToken", "password",
            "redis.password", "secret_key",
            "client-secret", "identity_secret", "signature", "user_hash", "Cookie", "set-cookie", "credential",
            "seal_key", "private_key",
        ])
    func redaction(format: LogFormat, key: String) {
        for metadata in [[key: "hunter2"], ["outer": [key: ["x": "hunter2"]]], ["list": [[key: "hunter2"]]]]
            as [Logger.Metadata]
        {
            let line = Self.line("m", metadata: metadata, format: format)
            #expect(!line.contains("hunter2"))
            #expect(line.contains("[redacted]"))
        }
    }

    @Test(
        "what is no secret is not withheld",
        arguments: ["token_file", "api_key", "key", "user_id", "request_id", "path"])
    func noRedaction(key: String) {
        #expect(Self.line("m", metadata: [key: "shown"]).contains("=shown"))
    }

    @Test("a long line is cut to what a pipe takes at once, and says so", arguments: LogFormat.allCases)
    func length(format: LogFormat) {
        let long = String(repeating: "李\n", count: 5_000)
        let line = Self.line(
            long, metadata: ["a": "\(long)", "b": "short", "c": "\(String(repeating: "x", count: 5_000))"],
            format: format)
        #expect(line.utf8.count <= 4_096)
        #expect(line.contains("msg") && line.contains("…") && line.contains("short") && line.contains("truncated"))
        #expect(line.hasSuffix(format == .json ? "\"truncated\":true}\n" : " truncated=true\n"))
        #expect(!line.contains("\u{FFFD}"))
    }
}
