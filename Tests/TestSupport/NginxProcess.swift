internal import Foundation

/// A private nginx on a Unix socket, with the project's own `nginx/` files; gone when the value is released.
///
/// The site file and its parts are taken as they are, but for lines that name this machine's places: where nginx
/// listens, where the daemon listens, where the logs go, and whose word on the client's address is taken.
public final class NginxProcess: Sendable {
    /// Where it listens.
    public let address: HTTPTestServerAddress
    /// Where its server for the status pages listens. That one takes the word of `X-Forwarded-For`, as tests come over
    /// a Unix socket.
    public let statusAddress: HTTPTestServerAddress
    /// The process; its lines hold what nginx has to complain about.
    public let process: ChildProcess
    private let folder: TemporaryFolder

    /// What a test may decide.
    public struct Plan: Sendable {
        /// The daemon's sockets; nginx takes turns.
        public var daemonSockets: [String]
        /// Whether `X-Forwarded-For` names the client, as behind a load balancer.
        public var trustsForwardedFor = true

        /// Where the other host's daemon listens, for the site file of a fleet.
        public var otherHost: String?

        /// Sends everything to one daemon.
        public init(daemonSocket: String) { daemonSockets = [daemonSocket] }
    }

    /// Starts it and returns when it listens.
    ///
    /// - Throws: also when the site file has lost a line that is to be replaced.
    public init(_ plan: Plan) async throws {
        folder = try TemporaryFolder()
        let socket = folder.file("http.sock")
        address = .unix(socket)
        statusAddress = .unix(folder.file("status.sock"))
        try Self.writeFiles(plan, socket: socket, into: folder)
        process = try ChildProcess("nginx", ["-p", folder.path, "-c", folder.file("nginx.conf"), "-e", "stderr"])
        let (process, client) = (process, HTTPTestClient(address))
        try await eventually("nginx listens") {
            guard process.isRunning else { throw HTTPTestError.malformed(process.lines.joined(separator: "\n")) }
            return (try? await client.send(.get("/"))) != nil
        }
    }

    /// What the site's log says of every request.
    public var accessLog: [String] {
        (try? String(contentsOfFile: folder.file("access.log"), encoding: .utf8))?.split(separator: "\n").map(
            String.init)
            ?? []
    }

    /// What nginx complained about.
    public var errorLog: [String] {
        ((try? String(contentsOfFile: folder.file("error.log"), encoding: .utf8))?.split(separator: "\n").map(
            String.init)
            ?? []) + process.lines
    }

    private static func writeFiles(_ plan: Plan, socket: String, into folder: TemporaryFolder) throws {
        let source = GatewayExecutables.packageFolder + "/nginx"
        let parts = folder.file("customers")
        try FileManager.default.createDirectory(atPath: parts, withIntermediateDirectories: false)
        for name in try FileManager.default.contentsOfDirectory(atPath: "\(source)/customers")
        where !["upstream.conf", "status-server.conf"].contains(name) {
            try FileManager.default.createSymbolicLink(
                atPath: "\(parts)/\(name)", withDestinationPath: "\(source)/customers/\(name)")
        }
        let servers = plan.daemonSockets.map { "server unix:\($0);" }.joined(separator: " ")
        try folder.write(
            try replacing(
                [("server unix:/run/customersd/fcgi.sock;", servers)],
                in: try String(contentsOfFile: "\(source)/customers/upstream.conf", encoding: .utf8)),
            to: "customers/upstream.conf")
        let trust = "set_real_ip_from unix:; real_ip_header X-Forwarded-For;"
        try folder.write(
            try replacing(
                [("listen 127.0.0.1:9180;", "listen unix:\(folder.file("status.sock")); \(trust)")],
                in: try String(contentsOfFile: "\(source)/customers/status-server.conf", encoding: .utf8)),
            to: "customers/status-server.conf")
        var site = "\(source)/customers.conf"
        var changes = [
            ("\n    listen 80;", "\n    listen unix:\(socket);"), ("\n    listen [::]:80;", ""),
            ("/var/log/nginx/customers.log", folder.file("access.log")),
            ("/var/log/nginx/customers.error.log", folder.file("error.log")),
            ("# include customers/status-server.conf;", "include customers/status-server.conf;"),
            // Both ways to have them.
            (
                "\n    include customers/locations.conf;",
                "\n    include customers/locations.conf;\n    include customers/status.conf;"
            ),
        ]
        if let otherHost = plan.otherHost {
            site = "\(source)/fleet/customers.conf"
            changes += [
                ("server unix:/run/customersd/fcgi.sock;", servers),
                ("server 10.0.0.12:9001 backup;", "server \(otherHost) backup;"),
                ("set_real_ip_from  10.0.0.5;", "set_real_ip_from unix:;"),
            ]
        } else if plan.trustsForwardedFor {
            changes += [
                ("# set_real_ip_from  10.0.0.5;", "set_real_ip_from unix:;"), ("# real_ip_header ", "real_ip_header "),
                ("# real_ip_recursive on;", "real_ip_recursive on;"),
            ]
        }
        try folder.write(
            try replacing(changes, in: try String(contentsOfFile: site, encoding: .utf8)),
            to: "customers.conf")
        try folder.write(mainFile(folder), to: "nginx.conf")
    }

    private static func mainFile(_ folder: TemporaryFolder) -> String {
        let temporary = ["client_body", "fastcgi", "proxy", "uwsgi", "scgi"]
        return """
            \(geteuid() == 0 ? "user root;" : "")
            daemon off;
            worker_processes 1;
            worker_rlimit_nofile 16384;
            error_log stderr warn;
            pid \(folder.file("nginx.pid"));
            events { worker_connections 8192; }
            http {
                \(temporary.map { "\($0)_temp_path \(folder.file($0));" }.joined(separator: "\n    "))
                include customers.conf;
            }

            """
    }

    private static func replacing(_ changes: [(String, String)], in text: String) throws -> String {
        var text = text
        for (line, replacement) in changes {
            guard text.contains(line) else { throw HTTPTestError.malformed("the nginx files have no line: \(line)") }
            text = text.replacingOccurrences(of: line, with: replacement)
        }
        return text
    }
}
