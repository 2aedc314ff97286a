import EventLoop
import HTTPClient
import TestSupport
import Testing

@Suite("HTTP client under load")
struct HTTPClientLoadTests {
    @Test("1,000 requests are in flight at a time on a server that takes a second")
    func thousandInFlight() async throws {
        let server = try ScriptedHTTPServer { _ in .json("{}", delay: .seconds(1)) }
        let client = try TestClient()
        let statuses = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<1_000 {
                group.addTask { (try? await client.send(HTTPClientRequest(url: server.url + "/")))?.status ?? 0 }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.count { $0 == 200 } == 1_000)
        #expect(Set(server.requests.map(\.connection)).count == 1_000)
    }

    @Test("a client with few connections being made at a time still gets everything through")
    func fewConnecting() async throws {
        let server = try ScriptedHTTPServer { _ in .json("{}") }
        var configuration = HTTPClientConfiguration()
        configuration.maximumConnecting = 1
        let client = try TestClient(configuration)
        let sent = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<500 {
                group.addTask { (try? await client.send(HTTPClientRequest(url: server.url + "/"))) != nil }
            }
            return await group.reduce(0) { $1 ? $0 + 1 : $0 }
        }
        #expect(sent == 500)
        #expect(await client.transfersInFlight == 0)
    }

    @Test("one request more than allowed is refused at once")
    func overloaded() async throws {
        let arrived = AsyncStream<Void>.makeStream()
        let server = try ScriptedHTTPServer { _ in
            arrived.continuation.yield()
            return .silence
        }
        var configuration = HTTPClientConfiguration()
        configuration.maximumTransfers = 2
        let client = try TestClient(configuration)
        let tasks = (0..<2).map { _ in Task { try await client.send(HTTPClientRequest(url: server.url + "/")) } }
        var count = 0
        for await _ in arrived.stream {
            count += 1
            if count == 2 { break }
        }
        let error = await #expect(throws: HTTPClientError.self) {
            try await client.send(HTTPClientRequest(url: server.url + "/"))
        }
        #expect(error?.code == .overloaded)
        #expect(error?.mayHaveReachedServer == false)
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
    }

    @Test("a request that gets no turn ends at its deadline")
    func noTurn() async throws {
        let server = try ScriptedHTTPServer { _ in .silence }
        var configuration = HTTPClientConfiguration()
        configuration.maximumActive = 1
        let client = try TestClient(configuration)
        let holder = Task { try await client.send(HTTPClientRequest(url: server.url + "/")) }
        while await client.transfersInFlight == 0 { await Task.yield() }
        let codes = await withTaskGroup(of: HTTPClientError.Code?.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    do throws(HTTPClientError) {
                        _ = try await client.send(
                            HTTPClientRequest(url: server.url + "/", deadline: .milliseconds(100)))
                        return nil
                    } catch { return error.code }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == .timedOut } == 5)
        #expect(server.requests.count <= 1)
        holder.cancel()
        _ = await holder.result
    }

    @Test("connections to one host stay below the limit")
    func connectionLimit() async throws {
        let server = try ScriptedHTTPServer { _ in .json("{}", delay: .milliseconds(5)) }
        var configuration = HTTPClientConfiguration()
        configuration.maximumActive = 3
        let client = try TestClient(configuration)
        let sent = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<60 {
                group.addTask { (try? await client.send(HTTPClientRequest(url: server.url + "/"))) != nil }
            }
            return await group.reduce(0) { $1 ? $0 + 1 : $0 }
        }
        #expect(sent == 60)
        #expect(Set(server.requests.map(\.connection)).count <= 3)
    }
}
