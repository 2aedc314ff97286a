import Crypto
import Foundation
import TestSupport
import Testing

/// A tenant and the calls its own server and its customers make.
struct TestTenant: Sendable {
    let id: String
    let secretKey: String
    let client: HTTPTestClient
    let plan: GatewayTenantPlan

    /// The id of a department.
    func department(_ number: Int = 0) -> String { plan.departments[number].id }

    // MARK: The tenant's own server

    /// base64(HMAC-SHA256(secret key, message)).
    func signature(_ message: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(message.utf8), using: SymmetricKey(data: Data(secretKey.utf8)))
        return Data(code).base64EncodedString()
    }

    /// A fresh access token, through the API.
    func accessToken() async throws -> String {
        var fields = [("apiKey", id), ("signature", signature(id))]
        if plan.requiresTimestamp == true {
            let time = String(Int(Date().timeIntervalSince1970))
            fields = [("apiKey", id), ("signature", signature("\(id)\n\(time)")), ("timestamp", time)]
        }
        let reply = try await client.send(.form("/managers/access_token", fields))
        return try #require(try reply.json["access_token"].string, "\(reply)")
    }

    func connect(_ name: String, token: String) async throws -> HTTPTestReply {
        try await client.send(.form("/customers/connect", [("name", name)]).with("Authorization", token))
    }

    /// `connect` with a fresh access token, which must succeed.
    func connected(_ name: String) async throws -> HTTPTestJSON {
        try await success(connect(name, token: accessToken()))
    }

    // MARK: Its customers

    func clientConnect(
        _ fields: [(String, String)] = [], token: String? = nil, from address: String? = nil
    ) async throws -> HTTPTestReply {
        try await client.send(
            .form("/customers/client_connect", [("api_key", id)] + fields)
                .with("Authorization", token).with("X-Forwarded-For", address))
    }

    /// `client_connect`, which must succeed.
    func started(_ fields: [(String, String)] = [], token: String? = nil) async throws -> HTTPTestJSON {
        try await success(clientConnect(fields, token: token))
    }

    func history(_ rid: String, token: String, _ query: [(String, String)] = []) async throws -> HTTPTestReply {
        try await client.send(
            .get("/customers/history_message", [("room_id", rid)] + query).with("Authorization", token))
    }

    func shutdown(_ rid: String, token: String) async throws -> HTTPTestReply {
        try await client.send(
            .form("/customers/shutdown_service", [("group_id", rid)]).with("Authorization", token))
    }

    func transfer(_ rid: String, token: String, _ fields: [(String, String)] = []) async throws -> HTTPTestReply {
        try await client.send(
            .form("/customers/Transfer", [("group_id", rid)] + fields).with("Authorization", token))
    }
}

/// The body of an answer that must be a 200.
func success(_ reply: HTTPTestReply, sourceLocation: SourceLocation = #_sourceLocation) throws -> HTTPTestJSON {
    try #require(reply.status == 200, "\(reply)", sourceLocation: sourceLocation)
    return try reply.json
}

/// Checks an error of the API: status, texts, the request id in body and header, and nothing that an error must not
/// have.
func expectError(
    _ reply: HTTPTestReply, _ status: Int, _ text: String? = nil, code: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    #expect(reply.status == status, "\(reply)", sourceLocation: sourceLocation)
    #expect(reply.header("content-type") == "application/json", "\(reply)", sourceLocation: sourceLocation)
    let body = try #require(try? reply.json, "not JSON: \(reply)", sourceLocation: sourceLocation)
    #expect(
        body.keys.subtracting(["errors"]) == ["status", "code", "request_id"], "\(reply)",
        sourceLocation: sourceLocation)
    if let text { #expect(body["status"].string == text, sourceLocation: sourceLocation) }
    if let code { #expect(body["code"].string == code, sourceLocation: sourceLocation) }
    let requestID = try #require(body["request_id"].string, sourceLocation: sourceLocation)
    #expect(!requestID.isEmpty && reply.header("x-request-id") == requestID, "\(reply)", sourceLocation: sourceLocation)
    #expect(reply.header("cache-control") == "no-store", "\(reply)", sourceLocation: sourceLocation)
    #expect(reply.header("x-content-type-options") == "nosniff", "\(reply)", sourceLocation: sourceLocation)
    #expect(reply.header("www-authenticate") == (status == 401 ? "Bearer" : nil), sourceLocation: sourceLocation)
    if [502, 503].contains(status), body["code"] != "chat_server_error" {
        let seconds = reply.header("retry-after").flatMap { Int($0) }
        #expect((seconds ?? 0) >= 1, "no Retry-After: \(reply)", sourceLocation: sourceLocation)
    }
}

/// Checks a `params invalid` and that it names exactly these fields.
func expectInvalid(
    _ reply: HTTPTestReply, _ fields: Set<String>, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    try expectError(reply, 400, "params invalid", code: "params_invalid", sourceLocation: sourceLocation)
    #expect(try reply.json["errors"].keys == fields, "\(reply)", sourceLocation: sourceLocation)
}

/// The body without what differs from request to request.
func withoutRequestID(_ reply: HTTPTestReply) throws -> HTTPTestJSON {
    guard case .object(var members) = try reply.json else { return try reply.json }
    members["request_id"] = nil
    return .object(members)
}

/// A name that no other test, and no other run, uses.
func someName(_ prefix: String = "ann") -> String { prefix + UUID().uuidString.prefix(8).lowercased() }
