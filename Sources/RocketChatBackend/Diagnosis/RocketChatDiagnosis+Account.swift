internal import ChatBackend
internal import HTTPMessage

extension RocketChatDiagnosis {
    /// Who the credential's account is.
    func own(_ credential: CustomerCredential) async -> Result<DiagnosisCalls.Answer, Refusal> {
        let me = await calls.get("/api/v1/me", credential)
        guard me.status != 200 || me.json["username"]?.string == nil else { return .success(me) }
        return .failure(
            Refusal(
                finding: .fault(
                    "the chat server does not take the gateway's token (status \(me.status))",
                    "make a new personal access token and put it into the file of chat.token_file; user_id must be its owner's"
                )))
    }

    /// What the gateway's account is and may.
    func account(_ me: DiagnosisCalls.Answer, _ credential: CustomerCredential) async -> [RocketChatFinding] {
        let username = me.json["username"]?.string ?? ""
        let roles = me.json["roles"]?.array?.compactMap(\.string) ?? []
        var findings = [
            RocketChatFinding.good("the credential is good: \(username), roles \(roles.joined(separator: ", "))")
        ]
        if let limit = me.rateLimit {
            findings.append(
                .warning(
                    "the account is under the API's rate limit (\(limit) calls a minute for each route)",
                    "grant api-bypass-rate-limit to a role of \(username), or switch the limiter off"))
        } else {
            findings.append(.good("no rate limit holds for the account"))
        }
        findings.append(await creation(of: username, credential))
        findings.append(await tokens(credential))
        return findings
    }

    /// An order that can never be carried out, as the account's own name is taken: what refuses it says whether the
    /// right is there, and the customers' role, which the server looks at first.
    private func creation(of username: String, _ credential: CustomerCredential) async -> RocketChatFinding {
        let answer = await calls.post(
            "users.create",
            [
                "username": .string(username), "name": .string(username), "email": "doctor@customers.invalid",
                "password": "never-used-aA1!", "roles": [.string(configuration.customerRole)],
                "joinDefaultChannels": false, "sendWelcomeEmail": false,
            ], credential)
        if answer.says("invalid role id") {
            return .fault(
                "the chat server has no role \(configuration.customerRole): customers' accounts cannot be made",
                "make it (Administration → Permissions), or correct chat.customer_role; it is a role's id, which roles.list shows: "
                    + "that of a role which was made by hand need not be its name")
        }
        let grant = "grant create-user to a role of \(username): customers' accounts cannot be made"
        if answer.says("error-field-unavailable", "already in use") { return .good("create-user is granted") }
        if answer.status == 403 || answer.says("error-action-not-allowed", "error-not-allowed", "unauthorized") {
            return .fault("create-user is not granted", grant)
        }
        return .warning("create-user could not be tried (status \(answer.status))", grant)
    }

    /// A token for the account itself, logged out at once.
    private func tokens(_ credential: CustomerCredential) async -> RocketChatFinding {
        var body: [String: JSONValue] = ["userId": .string(credential.userID)]
        if let secret = configuration.createTokenSecret { body["secret"] = .string(secret) }
        let answer = await calls.post("users.createToken", .object(body), credential)
        if let token = answer.json["data"]?["authToken"]?.string {
            _ = await calls.post("logout", [:], CustomerCredential(userID: credential.userID, token: token))
            return .good("users.createToken works: customers are signed in without a login each")
        }
        return .warning(
            "users.createToken is not available; customers are logged in with their password",
            "this works, but logins are limited to 10 a minute and an address: set CREATE_TOKENS_FOR_USERS_SECRET in the server's "
                + "environment and chat.create_token_secret_file here (before 8.0: CREATE_TOKENS_FOR_USERS=true), and grant "
                + "user-generate-access-token")
    }

    /// Whether the agents' accounts exist, and what the account sees of them.
    func agents(_ usernames: [String], _ credential: CustomerCredential) async -> [RocketChatFinding] {
        guard !usernames.isEmpty else { return [.warning("no tenant has an agent", "customers will wait for ever")] }
        var findings: [RocketChatFinding] = []
        var good = 0
        var seesAll: Bool?
        for username in usernames.prefix(agentsAtOnce) {
            let answer = await calls.get("/api/v1/users.info?username=\(Self.encode(username))", credential)
            if answer.status == 429 {
                findings.append(
                    .warning("the rate limit ended the look at the agents", "see above; then run this again"))
                break
            }
            guard answer.isAboutSomebody else {
                findings.append(
                    .warning(
                        "the agents' accounts could not be looked at (users.info, status \(answer.status))",
                        "run this again; the chat server's log says more"))
                break
            }
            guard answer.status == 200, let user = answer.json["user"],
                user["username"]?.string?.lowercased() == username.lowercased()
            else {
                findings.append(
                    .fault("there is no account of agent \(username)", "create it, or correct the tenant's file"))
                continue
            }
            if user["active"]?.bool == false {
                findings.append(
                    .fault("the account of agent \(username) is deactivated", "activate it, or take the agent out"))
                continue
            }
            good += 1
            seesAll = user["roles"] != nil || user["canViewAllInfo"]?.bool == true
        }
        if good > 0 { findings.append(.good("\(good) agents have active accounts")) }
        if seesAll == false {
            findings.append(
                .warning(
                    "view-full-other-user-info is not granted",
                    "grant it: without it an agent's account can be taken for a customer's"))
        }
        return findings
    }

    private static func encode(_ text: String) -> String {
        RocketChatCall.get("", [("", text)]).target.split(separator: "=", omittingEmptySubsequences: false).dropFirst()
            .joined(separator: "=")
    }

    /// What only making a room would show.
    static let unproven = RocketChatFinding(
        outcome: .note, text: "not tried, as it would leave traces: the rights to open, change and remove rooms",
        remedy: "the account needs create-p, create-d, edit-room, archive-room, delete-p, delete-d, remove-user, "
            + "clean-channel-history, and add-user-to-any-p-room and kick-user-from-any-p-room, which no role has by default"
    )
}
