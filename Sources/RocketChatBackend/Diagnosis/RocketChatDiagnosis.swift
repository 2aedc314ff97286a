internal import ChatBackend
public import HTTPClient
internal import HTTPMessage

/// Everything that can be found out about a Rocket.Chat server and the gateway's account without doing harm (contract
/// sheet, sections 1, 2, 3 and 9), for `customersctl doctor`.
///
/// No account and no room is made. Rights are proven by calls that the server must refuse for another reason; tokens
/// that are made on the way are logged out at the end.
public struct RocketChatDiagnosis: Sendable {
    let calls: DiagnosisCalls
    let configuration: RocketChatConfiguration

    /// Versions that the adapter was made for.
    private static let versions = 6...9
    /// Agents that are looked up at most.
    let agentsAtOnce = 100

    /// What came of it.
    public struct Outcome: Sendable {
        /// Good and bad.
        public var findings: [RocketChatFinding]
        /// Whether the server is there and takes the gateway's credential: without that nothing else can be found out.
        public var isSignedIn = false
    }

    /// Names the server and the account.
    public init(configuration: RocketChatConfiguration, client: HTTPClient) {
        self.configuration = configuration
        var url = configuration.url
        while url.hasSuffix("/") { url.removeLast() }
        calls = DiagnosisCalls(url: url, client: client)
    }

    /// Looks at everything, in the order in which one thing needs the other.
    ///
    /// - Parameters:
    ///   - agents: the agents' usernames.
    ///   - now: Unix seconds.
    /// - Returns: what was found.
    public func run(agents: [String], now: Int64) async -> Outcome {
        let info = await calls.get("/api/info")
        if let failure = info.failure {
            return Outcome(findings: [unreachable(failure)])
        }
        var findings = Self.server(info, url: calls.url)
        // What another server says of a sign-in means nothing.
        guard findings.allSatisfy({ $0.outcome != .fault }) else { return Outcome(findings: findings) }
        if let skew = ClockSkew(date: info.date, now: now) { findings.append(skew.finding) }
        let credential: CustomerCredential
        switch await signIn() {
        case .failure(let refusal): return Outcome(findings: findings + [refusal.finding])
        case .success(let found): credential = found
        }
        switch await own(credential) {
        case .failure(let refusal): return Outcome(findings: findings + [refusal.finding])
        case .success(let own): findings += await account(own, credential)
        }
        findings += await self.agents(agents, credential)
        findings.append(Self.unproven)
        // A personal access token would be deleted by this.
        if case .password = configuration.credential { _ = await calls.post("logout", [:], credential) }
        return Outcome(findings: findings, isSignedIn: true)
    }

    private static func server(_ info: DiagnosisCalls.Answer, url: String) -> [RocketChatFinding] {
        guard info.status == 200, let version = info.json["version"]?.string ?? info.json["info"]?["version"]?.string
        else {
            return [
                .fault(
                    "\(url)/api/info is no Rocket.Chat's (status \(info.status))",
                    "chat.url has scheme, host and port of the server itself, without /api")
            ]
        }
        guard let major = version.split(separator: ".").first.flatMap({ Int($0) }), versions.contains(major) else {
            return [
                .warning(
                    "Rocket.Chat \(version) is none of the versions \(versions.lowerBound) to \(versions.upperBound) that were tried",
                    "try the demo's calls against it before customers do")
            ]
        }
        return [.good("Rocket.Chat \(version) answers at \(url)")]
    }

    struct Refusal: Error {
        var finding: RocketChatFinding
    }

    private func signIn() async -> Result<CustomerCredential, Refusal> {
        switch configuration.credential {
        case .personalAccessToken(let userID, let token):
            return .success(CustomerCredential(userID: userID, token: token))
        case .password(let username, let password):
            let answer = await calls.post("login", ["user": .string(username), "password": .string(password)])
            if let userID = answer.json["data"]?["userId"]?.string,
                let token = answer.json["data"]?["authToken"]?.string
            {
                return .success(CustomerCredential(userID: userID, token: token))
            }
            return .failure(Refusal(finding: Self.loginRefused(answer, username: username)))
        }
    }

    private static func loginRefused(_ answer: DiagnosisCalls.Answer, username: String) -> RocketChatFinding {
        if answer.says("totp") {
            return .fault(
                "the account \(username) wants a second factor",
                "make a personal access token for it with \"Ignore Two Factor Authentication\": chat.user_id and chat.token_file"
            )
        }
        if answer.says("blocked") {
            return .fault(
                "logins from here are blocked after failed ones",
                "Administration → Settings → Accounts → Login: unblock, and allow-list this machine's address")
        }
        if answer.status == 429 {
            return .fault(
                "too many logins in the last minute", "wait a minute; a personal access token needs no logins")
        }
        return .fault(
            "the account \(username) cannot sign in (status \(answer.status))",
            "check chat.username and the file of chat.password_file, and that the account is active")
    }
}
