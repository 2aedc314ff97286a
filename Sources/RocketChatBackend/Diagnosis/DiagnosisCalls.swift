internal import ChatBackend
internal import HTTPClient
internal import HTTPMessage

/// REST calls whose answers are looked at as they are, refusals and header fields included.
struct DiagnosisCalls: Sendable {
    let url: String
    let client: HTTPClient

    /// An answer, or why there is none.
    struct Answer {
        /// 0 without a reply.
        var status = 0
        var json: JSONValue = nil
        var date: String?
        var rateLimit: String?
        /// Why there is no reply.
        var failure: HTTPClientError?

        /// Whether an answer of `users.info` says who somebody is, or that there is nobody: not found is a 400, never a
        /// 404 (contract sheet, section 3).
        var isAboutSomebody: Bool { status == 200 || status == 400 }

        /// Whether the server names one of these, in whatever place its version names codes.
        func says(_ codes: String...) -> Bool {
            let text =
                "\(json["errorType"]?.string ?? "") \(json["error"]?.string ?? "") \(json["message"]?.string ?? "")"
            return codes.contains { text.contains($0) }
        }
    }

    func get(_ path: String, _ credential: CustomerCredential? = nil) async -> Answer {
        await send(HTTPClientRequest(url: url + path, headers: Self.headers(credential), deadline: .seconds(5)))
    }

    func post(_ route: String, _ body: JSONValue, _ credential: CustomerCredential? = nil) async -> Answer {
        await send(
            HTTPClientRequest(
                method: .post, url: "\(url)/api/v1/\(route)",
                headers: Self.headers(credential) + [("Content-Type", "application/json")], body: body.serialized(),
                deadline: .seconds(5)))
    }

    private func send(_ request: HTTPClientRequest) async -> Answer {
        do throws(HTTPClientError) {
            let reply = try await client.send(request)
            return Answer(
                status: reply.status, json: (try? JSONValue(parsing: reply.body)) ?? nil, date: reply.header("Date"),
                rateLimit: reply.header("X-RateLimit-Limit"))
        } catch {
            return Answer(failure: error)
        }
    }

    private static func headers(_ credential: CustomerCredential?) -> [(name: String, value: String)] {
        guard let credential else { return [] }
        return [(name: "X-Auth-Token", value: credential.token), (name: "X-User-Id", value: credential.userID)]
    }
}
