import Testing

@Suite("Deployment files")
struct DeploymentTests {
    private let tree = SourceTree.here

    @Test("nginx, systemd and the directory's owner agree on the socket")
    func socket() throws {
        let path = Deployment.upstreamSocket(try tree.text("nginx/customers/upstream.conf"))
        #expect(path == Deployment.setting("ListenStream", in: try tree.text("systemd/customersd.socket")))
        let folder = path.map { $0.split(separator: "/").dropLast().joined(separator: "/") }
        #expect("/" + (folder ?? "?") == Deployment.setting("d", in: try tree.text("systemd/tmpfiles.conf")))
        #expect(Deployment.upstreamSocket("  server unix:/run/a.sock;\n") == "/run/a.sock")
        #expect(Deployment.upstreamSocket("  server 127.0.0.1:9001;\n") == nil)
        #expect(Deployment.setting("ListenStream", in: "# ListenStream=/no\nListenStream=/yes") == "/yes")
    }

    @Test("nginx lets go of an idle connection before the daemon does")
    func idleTime() throws {
        let nginx = Deployment.setting("keepalive_timeout", in: try tree.text("nginx/customers/upstream.conf"))
        let daemon = try tree.text("Sources/FastCGI/FastCGIConfiguration.swift")
        let digits = try #require(daemon.firstRange(of: "idleTimeout: Duration = .seconds("))
        let limit = try #require(Int(daemon[digits.upperBound...].prefix { $0.isNumber }))
        #expect(try #require(Deployment.seconds(nginx)) < limit)
        #expect(Deployment.seconds("60s") == 60)
        #expect(Deployment.seconds("1m") == nil)
    }

    @Test("a body a little too large reaches the daemon, which answers it, and is not written to a disk")
    func bodySize() throws {
        let nginx = try tree.text("nginx/customers/fastcgi.conf")
        let limit = try #require(Deployment.bytes(Deployment.setting("client_max_body_size", in: nginx)))
        #expect(limit > 65_536)
        // FastCGI's own bytes and the parameters come on top; the daemon looks at 256 KiB.
        #expect(limit + 65_536 < 262_144)
        #expect(Deployment.bytes(Deployment.setting("client_body_buffer_size", in: nginx)) == limit)
        #expect(Deployment.bytes("160k") == 163_840)
    }

    @Test("nginx passes every header field that the API reads, and of a client's fields no other")
    func parameters() throws {
        let passed = Deployment.parameters(try tree.text("nginx/customers/params.conf"))
        let read = Deployment.parametersRead(
            by: try tree.swiftFiles(under: "Sources/CustomersAPI") + tree.swiftFiles(under: "Sources/HTTPMessage"))
        #expect(read.contains("HTTP_AUTHORIZATION"))
        #expect(read.subtracting(passed) == [])
        #expect(
            passed.filter { $0.hasPrefix("HTTP_") }.subtracting(read).subtracting(["HTTP_IDEMPOTENCY_KEY"]) == [])
        let source = SourceTree.File(path: "", text: #"a.header("x-y"), b.header("content-type")"#)
        #expect(Deployment.parametersRead(by: [source]) == ["HTTP_X_Y", "CONTENT_TYPE"])
        #expect(Deployment.parameters("fastcgi_param A $a;\n# fastcgi_param B $b;") == ["A"])
    }

    @Test("the installed unit starts the installed program with the documented configuration")
    func unit() throws {
        let unit = try tree.text("systemd/customersd.service")
        #expect(unit.contains("ExecStart=/usr/local/sbin/customersd --config /etc/customersd/customersd.yaml\n"))
        #expect(try tree.text("Makefile").contains("s|/usr/local/|$(PREFIX)/|"))
        #expect(try tree.text("systemd/customersd.yaml").hasPrefix("# /etc/customersd/customersd.yaml"))
    }

    @Test("customersd.yaml(5) describes every key")
    func manual() throws {
        let page = try tree.text("systemd/man/customersd.yaml.5")
        let keys = Deployment.settings(in: try tree.swiftFiles(under: "Sources/Gateway/Configuration"))
        #expect(keys.contains("password_file"))
        #expect(keys.filter { !page.contains($0) } == [])
    }
}
