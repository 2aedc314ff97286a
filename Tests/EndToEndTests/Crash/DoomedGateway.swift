import Foundation
import TestSupport

/// A gateway beside those of an installation, on the same Redis and chat server but with relays between them, for tests
/// that let it die, or lose a connection, at a chosen moment. It knows one tenant and has one loop.
final class DoomedGateway: Sendable {
    private let folder: TemporaryFolder
    private let chat: GatewayRelay
    private let process: GatewayProcess
    private let socket: String
    /// Between it and Redis.
    let redis: GatewayRelay

    /// Starts it and returns when it answers.
    init(
        beside installation: GatewayInstallation, for tenant: GatewayTenantPlan,
        chat chatFilter: GatewayRelay.Filter? = nil, redis redisFilter: GatewayRelay.Filter? = nil
    ) async throws {
        folder = try TemporaryFolder()
        socket = folder.file("fcgi.sock")
        chat = try GatewayRelay(to: installation.chat.port, filter: chatFilter)
        redis = try GatewayRelay(toSocket: installation.redis.socket, filter: redisFilter)
        try folder.write("\(DevChatProcess.gatewayPassword)\n", to: "chat.password")
        try folder.write("\(GatewayInstallation.tokenKey)\n", to: "token.key")
        try folder.write("\(installation.sealKey)\n", to: "seal.key")
        try FileManager.default.createDirectory(atPath: folder.file("tenants.d"), withIntermediateDirectories: false)
        try folder.write(tenant.yaml, to: "tenants.d/tenant.yaml")
        let configuration = GatewayTestConfiguration { $0.workers = 1 }
        let file = try folder.write(
            configuration.yaml(
                folder: folder.path, socket: socket, redis: "redis://127.0.0.1:\(redis.port)", chat: chat.url),
            to: "customersd.yaml")
        process = try GatewayProcess(configurationFile: file)
        _ = try await process.process.waitForLine(containing: "msg=ready", within: .seconds(60))
    }

    /// Kills it (SIGKILL).
    func kill() async throws {
        process.process.kill()
        try await process.process.waitForExit()
    }

    /// What it logged.
    var log: [String] { process.log }

    /// Makes a call, past any web server; nil when the gateway dies before it answers.
    func answer(_ call: DoomedCall, id: String = UUID().uuidString) async -> FastCGIReply? {
        let parameters = [
            ("REQUEST_ID", id), ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
            ("HTTP_AUTHORIZATION", call.token),
        ]
        let request = FastCGIBytes.request(
            "POST", call.path, parameters: parameters, body: Array(HTTPTestRequest.encode(call.fields).utf8))
        return try? await FastCGIClient.background { [socket] in
            try FastCGIClient(socket).exchange(request, timeout: 60)
        }
    }
}
