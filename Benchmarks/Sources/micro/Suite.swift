import FastCGIProtocol
import HTTPMessage

/// All parts that are measured.
struct Suite {
    let benchmarks: [Benchmark]

    /// Prepares them, and makes sure that each does what it is meant to do.
    init() async throws {
        let unknown = try await APIFixture(remembers: false)
        let remembered = try await APIFixture(remembers: true)
        let record = Inputs.fastCGIRequest(token: unknown.token)
        let gate = GateBox()
        let page = try JSONValue(parsing: Inputs.history)
        let form = Self.request("application/x-www-form-urlencoded", Inputs.form)
        let json = Self.request("application/json", Inputs.json)
        benchmarks = [
            Benchmark(name: "gate") { gate.length(of: record) },
            Benchmark(name: "form") { (try? RequestFields(request: form))?["name"]?.utf8.count ?? 0 },
            Benchmark(name: "json-fields") { (try? RequestFields(request: json))?["name"]?.utf8.count ?? 0 },
            Benchmark(name: "json-parse") { (try? JSONValue(parsing: Inputs.history))?["messages"]?.array?.count ?? 0 },
            Benchmark(name: "json-rows") {
                JSONRows(parsing: Inputs.history, rows: "messages", members: ["_id", "ts", "t", "rid"])?.rows.count ?? 0
            },
            Benchmark(name: "json-write") { page.serialized().count },
            Benchmark(name: "auth-ping-verified") { await unknown.authPing() == 200 ? 1 : 0 },
            Benchmark(name: "auth-ping-remembered") { await remembered.authPing() == 200 ? 1 : 0 },
        ]
        for benchmark in benchmarks where await benchmark.run() == 0 { throw Broken(name: benchmark.name) }
    }

    struct Broken: Error {
        let name: String
    }

    private static func request(_ type: String, _ body: [UInt8]) -> HTTPRequest {
        HTTPRequest(method: "POST", path: "/customers/client_connect", headers: ["content-type": type], body: body)
    }
}

/// A gate that is used again and again, as each connection's worker does.
private final class GateBox {
    private var gate = FastCGIGate()

    func length(of bytes: [UInt8]) -> Int {
        if case .complete(let shape) = bytes.withUnsafeBytes({ gate.examine($0) }) { shape.length } else { 0 }
    }
}
