import Foundation
import TestSupport

/// Two hosts on one machine: their daemons listen at 127.0.0.2 and 127.0.0.3 besides their Unix sockets.
final class TwoHostInstallation: Sendable {
    let folder: TemporaryFolder
    let redis: RedisServer
    let chat: DevChatProcess
    let ports: [UInt16]
    let daemons: [GatewayProcess]
    let nginx: [NginxProcess]
    let clients: [HTTPTestClient]
    private let plan = GatewayTenantPlan()

    /// Starts everything and returns when both hosts answer.
    ///
    /// - Parameter allow: who may use the TCP ports; all that is done here comes from 127.0.0.1.
    /// - Throws: when a part does not start.
    init(allow: String) async throws {
        let folder = try TemporaryFolder()
        let redis = try await RedisServer()
        let chat = try await DevChatProcess(arguments: [])
        let ports = [try RedisServer.freePort(), try RedisServer.freePort()]
        try folder.write("\(DevChatProcess.gatewayPassword)\n", to: "chat.password")
        try folder.write("\(GatewayInstallation.tokenKey)\n", to: "token.key")
        try folder.write(Data((0..<32).map { UInt8($0) }).base64EncodedString(), to: "seal.key")
        try FileManager.default.createDirectory(atPath: folder.file("tenants.d"), withIntermediateDirectories: false)
        try folder.write(plan.yaml, to: "tenants.d/acme.yaml")
        _ = try await chat.addUsers(plan.agents.map { ($0.username, $0.status) })
        var daemons: [GatewayProcess] = []
        var nginx: [NginxProcess] = []
        for (host, port) in ports.enumerated() {
            let socket = folder.file("fcgi\(host).sock")
            let configuration = GatewayTestConfiguration().yaml(
                folder: folder.path, socket: "[\(socket), \"127.0.0.\(host + 2):\(port)\"]", redis: redis.url,
                chat: chat.url)
            let file = try folder.write("\(configuration)allow: [\(allow)]\n", to: "customersd\(host).yaml")
            daemons.append(try GatewayProcess(configurationFile: file))
            var plan = NginxProcess.Plan(daemonSocket: socket)
            plan.otherHost = "127.0.0.\(3 - host):\(ports[1 - host])"
            nginx.append(try await NginxProcess(plan))
        }
        let clients = nginx.map { HTTPTestClient($0.address) }
        (self.folder, self.redis, self.chat, self.ports) = (folder, redis, chat, ports)
        (self.daemons, self.nginx, self.clients) = (daemons, nginx, clients)
        for (host, daemon) in daemons.enumerated() {
            try await eventually("daemon \(host) is ready") {
                guard daemon.process.isRunning else {
                    throw HTTPTestError.malformed(daemon.log.joined(separator: "\n"))
                }
                return daemon.log.contains { $0.contains("msg=ready") }
            }
        }
    }

    /// The tenant, asked through one host's nginx.
    func tenant(at host: Int) -> TestTenant {
        TestTenant(id: plan.id, secretKey: plan.secretKey, client: clients[host], plan: plan)
    }
}
