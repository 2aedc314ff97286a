@testable import RedisClient
import Testing

@Suite("Redis address")
struct RedisURLTests {
    @Test(
        "what is allowed is read",
        arguments: [
            ("unix:///run/redis/redis-server.sock", RedisEndpoint.unix(path: "/run/redis/redis-server.sock"), 0),
            ("unix:///a?db=7", .unix(path: "/a"), 7),
            ("redis://127.0.0.1", .tcp(host: "127.0.0.1", port: 6_379), 0),
            ("redis://cache-1.example.com:6380/3", .tcp(host: "cache-1.example.com", port: 6_380), 3),
            ("redis://host:6379/", .tcp(host: "host", port: 6_379), 0),
            ("redis://[::1]:6390/1", .tcp(host: "::1", port: 6_390), 1),
            ("redis://[fe80::1]", .tcp(host: "fe80::1", port: 6_379), 0),
            (
                "redis+sentinel://h1,[::1]:26380/my-master.1_x",
                .sentinel([RedisHost("h1", port: 26_379), RedisHost("::1", port: 26_380)], master: "my-master.1_x"), 0
            ),
            ("redis+sentinel://h1:1/m/3", .sentinel([RedisHost("h1", port: 1)], master: "m"), 3),
            ("redis+sentinel://h1:1/m/", .sentinel([RedisHost("h1", port: 1)], master: "m"), 0),
            (
                "redis+cluster://h1:7000,h2",
                .cluster([RedisHost("h1", port: 7_000), RedisHost("h2", port: 6_379)]), 0
            ),
            ("redis+cluster://h1:7000/", .cluster([RedisHost("h1", port: 7_000)]), 0),
        ])
    func allowed(text: String, endpoint: RedisEndpoint, database: Int) throws {
        let url = try RedisURL(text)
        #expect(url.endpoint == endpoint)
        #expect(url.database == database)
        #expect(try RedisURL(url.description) == url)
    }

    @Test(
        "what is not allowed is refused with a sentence that helps",
        arguments: [
            ("", "allowed are unix:///run/redis/redis-server.sock"),
            ("/run/redis.sock", "allowed are"),
            ("http://host", "the scheme \"http\" is unknown"),
            ("rediss://host", "TLS is not supported"),
            ("redis+sentinel://h1:26379,h2:26379", "the name of the master is missing"),
            ("redis+sentinel://h1/", "the name of the master is missing"),
            ("redis+sentinel:///mymaster", "is no host"),
            ("redis+sentinel://h1,/mymaster", "is no host"),
            ("redis+sentinel://h1,h2,h1:26379/mymaster", "h1:26379 is given twice"),
            ("redis+sentinel://h1/my master", "is no name of a master"),
            ("redis+sentinel://h1/mymaster/x", "the database \"x\" is no number"),
            ("redis+sentinel://h1/mymaster/1/2", "the database \"1/2\" is no number"),
            ("redis+sentinel://h1/mymaster?db=1", "redis+sentinel://h1:26379,h2:26379/mymaster/1"),
            ("redis+cluster://", "is no host"),
            ("redis+cluster://h1:7000/1", "a cluster has database 0 only"),
            ("redis+cluster://h1:7000?db=0", "a cluster has database 0 only"),
            ("redis+cluster://h1:7000 h2:7000", "is none of 1–65535"),
            ("redis://host:+1", "is none of 1–65535"),
            ("redis://host/+1", "the database \"+1\""),
            ("unix://run/redis.sock", "absolute path"),
            ("unix:///", "absolute path"),
            ("unix:///a?timeout=3", "only db=<number> is allowed"),
            ("unix:///a?db=x", "the database \"x\" is no number"),
            ("redis://", "is no host"),
            ("redis://:6379", "is no host"),
            ("redis://::1", "an IPv6 address stands in brackets"),
            ("redis://[::1", "without \"]\""),
            ("redis://[host]", "is no IPv6 address"),
            ("redis://host:0", "the port \"0\" is none of 1–65535"),
            ("redis://host:65536", "the port \"65536\""),
            ("redis://host:6379/-1", "the database \"-1\""),
            ("redis://host?db=1", "redis://host:6379/1"),
            ("redis://ho st", "is no host"),
        ])
    func refused(text: String, sentence: String) {
        let error = #expect(throws: RedisError.self) { try RedisURL(text) }
        #expect(error?.code == .invalidURL)
        #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "")")
    }

    @Test("a password in the address is refused and not repeated")
    func password() {
        for scheme in ["redis", "rediss", "redis+sentinel", "redis+cluster", "http"] {
            let error = #expect(throws: RedisError.self) { try RedisURL("\(scheme)://user:hunter2@host/m") }
            #expect(error?.message.contains("password_file") == true)
            #expect(error.map { "\($0)".contains("hunter2") } == false)
        }
    }

    @Test("a socket's path may be as long as hiredis passes on, and no longer")
    func longPath() throws {
        let longest = "/" + String(repeating: "a", count: RedisEndpoint.longestPath - 1)
        #expect(try RedisURL("unix://\(longest)").endpoint == .unix(path: longest))
        #expect(throws: RedisError.self) { try RedisURL("unix://\(longest)a") }
    }

    @Test("only sockets and loopback addresses count as local")
    func local() throws {
        for text in [
            "unix:///a", "redis://localhost", "redis://127.0.0.5", "redis://[::1]", "redis+cluster://localhost,[::1]",
        ] {
            #expect(try RedisURL(text).endpoint.isLocal)
        }
        for text in ["redis://10.0.0.1", "redis+sentinel://localhost,h2/m", "redis://127.example.com"] {
            #expect(try RedisURL(text).endpoint.isLocal == false)
        }
    }

    @Test("no text made of a configuration shows the password")
    func secrecy() throws {
        let configuration = try RedisConfiguration(url: "unix:///a", username: "gateway", password: "hunter2")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("gateway"))
        }
        #expect(throws: RedisError.self) { try RedisConfiguration(url: "unix:///a", username: "gateway") }
    }
}
