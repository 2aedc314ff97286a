import HTTPClient
import TestSupport
import Testing

/// What waits on a kept connection may be in OpenSSL's hands already, and what lies on the socket need not be a reply.
@Suite("HTTP client, kept connections over TLS")
struct TLSConnectionTests {
    /// Answers each request with the number of its connection and its own number there; asked for `/surplus`, it goes
    /// on with a reply that nobody wants in the same TLS record; for `/late` it says so when the reply has been read.
    private static let server = #"""
        socket, ssl, sys, threading = map(__import__, ("socket", "ssl", "sys", "threading"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("cert.pem", "key.pem")
        context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, sys.argv[1])
        listener = socket.create_server(("127.0.0.1", 0))
        print("port", listener.getsockname()[1], flush=True)
        def reply(text):
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text
        def serve(connection, number):
            with context.wrap_socket(connection, server_side=True) as stream:
                count = 0
                while True:
                    head = b""
                    while not head.endswith(b"\r\n\r\n"):
                        more = stream.recv(4096)
                        if not more:
                            return
                        head += more
                    surplus = reply(b"of nobody") if b" /surplus " in head else b""
                    stream.sendall(reply(b"%d.%d " % (number, count) + b"x" * 6000) + surplus)
                    count += 1
                    if b" /late " in head:
                        stream.sendall(reply(b"of nobody"))
                        print("said", number, flush=True)
        number = 0
        while True:
            connection = listener.accept()[0]
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=serve, args=(connection, number), daemon=True).start()
            number += 1
        """#

    @Test("a surplus reply is nobody's, and a connection without one is kept", arguments: ["TLSv1_2", "TLSv1_3"])
    func surplus(version: String) async throws {
        let folder = try TemporaryFolder()
        let certificate = try ChildProcess(
            "openssl",
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
                + ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
                + ["-keyout", folder.file("key.pem"), "-out", folder.file("cert.pem")])
        #expect(try await certificate.waitForExit() == 0)
        let server = try ChildProcess("python3", ["-c", Self.server, version], folder: folder.path)
        let port = try await server.waitForLine(containing: "port ").split(separator: " ").last ?? ""
        var configuration = HTTPClientConfiguration()
        configuration.trustedRootsFile = folder.file("cert.pem")
        configuration.connectTimeout *= TestPatience.factor
        let client = try TestClient(configuration)
        var answers: [Substring] = []
        for path in ["", "", "surplus", "", "", "surplus", "late", "", ""] {
            let reply = try await client.send(
                HTTPClientRequest(method: .post, url: "https://127.0.0.1:\(port)/\(path)", mayRepeat: { false }))
            answers.append(String(decoding: reply.body, as: UTF8.self).prefix { $0 != " " })
            if path == "late" { _ = try await server.waitForLine(containing: "said") }
        }
        #expect(answers == ["0.0", "0.1", "0.2", "1.0", "1.1", "1.2", "2.0", "3.0", "3.1"])
        server.kill()
    }
}
