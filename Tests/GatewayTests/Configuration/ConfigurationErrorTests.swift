import Gateway
import Glibc
import Testing

@Suite("Configuration errors")
struct ConfigurationErrorTests {
    @Test(
        "each names file, line, key and what is allowed",
        arguments: [
            ("tokns: {}", "customersd.yaml:4: tokns: unknown key; did you mean tokens?"),
            ("Workers: 1", "customersd.yaml:4: Workers: unknown key; did you mean workers?"),
            (
                "xyz: 1",
                "customersd.yaml:4: xyz: unknown key; allowed here: listen, allow, control, workers, access_log, log_level, log_format, redis, chat, tokens, seal_key_file, seal_key, tenants, limits"
            ),
            (
                "limits:\n  body: 1\n",
                "customersd.yaml:5: limits.body: expected a whole number of bytes between 1024 and 65536, got \"1\""
            ),
            (
                "limits: {client_connect_per_ips: 1/s}",
                "customersd.yaml:4: limits.client_connect_per_ips: unknown key; did you mean client_connect_per_ip?"
            ),
            (
                "limits: {client_connect_per_ip: 30}",
                "customersd.yaml:4: limits.client_connect_per_ip: expected a rate such as 30/min, 5/s or 1000/h with a count up to 1000000, or off, got \"30\""
            ),
            (
                "limits: {client_connect_per_ip: 5/day}",
                "customersd.yaml:4: limits.client_connect_per_ip: expected a rate such as 30/min, 5/s or 1000/h with a count up to 1000000, or off, got \"5/day\""
            ),
            (
                "limits: {client_connect_per_ip: -1/s}",
                "customersd.yaml:4: limits.client_connect_per_ip: expected a rate such as 30/min, 5/s or 1000/h with a count up to 1000000, or off, got \"-1/s\""
            ),
            ("limits: 5", "customersd.yaml:4: limits: expected settings, got a text"),
            ("limits: [1]", "customersd.yaml:4: limits: expected settings, got a list"),
            (
                "workers: many",
                "customersd.yaml:4: workers: expected a whole number of event loops between 0 and 256, got \"many\""
            ),
            ("workers: [1]", "customersd.yaml:4: workers: expected a text, got a list"),
            (
                "workers: 1.5",
                "customersd.yaml:4: workers: expected a whole number of event loops between 0 and 256, got \"1.5\""
            ),
            (
                "workers: 99999999999999999999",
                "customersd.yaml:4: workers: expected a whole number of event loops between 0 and 256, got \"99999999999999999999\""
            ),
            (
                "log_level: loud",
                "customersd.yaml:4: log_level: expected trace, debug, info, notice, warning, error or critical, got \"loud\""
            ),
            ("log_format: xml", "customersd.yaml:4: log_format: expected logfmt or json, got \"xml\""),
            (
                "listen: run/x.sock",
                "customersd.yaml:4: listen: expected an absolute path of at most 107 bytes, or a numeric address with a port such as 127.0.0.1:9001, got \"run/x.sock\""
            ),
            (
                "listen: localhost:9001",
                "customersd.yaml:4: listen: expected an absolute path of at most 107 bytes, or a numeric address with a port such as 127.0.0.1:9001, got \"localhost:9001\""
            ),
            ("limits:\n\tbody: 1", "customersd.yaml:5: YAML: the line begins with a tab; indent with spaces"),
            (
                "listen: 0.0.0.0:9001",
                "customersd.yaml:4: listen: 0.0.0.0:9001 can be reached by other machines, and FastCGI knows no authentication: name the web servers that may connect, such as allow: [10.0.0.12], or listen at a Unix socket or 127.0.0.1"
            ),
            (
                "listen: [/a, /b, /a]",
                "customersd.yaml:4: listen: /a is there twice"
            ),
            ("listen: []", "customersd.yaml:4: listen: needs at least one address"),
            (
                "allow: []", "customersd.yaml:4: allow: needs at least one address: an empty list would let nobody in"
            ),
            ("allow: 10.0.0.12", "customersd.yaml:4: allow: expected a list, got a text"),
            (
                "allow: [10.0.0.12, web1]",
                "customersd.yaml:4: allow[1]: \"web1\" is no IP address (names are not looked up): write 10.0.0.7, 10.0.0.0/24, fd00::7 or fd00::/64"
            ),
            (
                "redis: {url: \"redis://u:hunter2@h\"}",
                "customersd.yaml:4: redis.url: user name and password do not belong into the address; set username and password_file"
            ),
            (
                "redis: {url: \"redis+sentinel://h1:26379\"}",
                "customersd.yaml:4: redis.url: the name of the master is missing, as in redis+sentinel://h1:26379,h2:26379/mymaster"
            ),
            (
                "redis: {url: \"redis://h:0\"}",
                "customersd.yaml:4: redis.url: the port \"0\" is none of 1–65535"
            ),
            ("redis: {username: u}", "customersd.yaml:4: redis.username: needs password_file as well"),
            (
                "redis: {password: a, password_file: b}",
                "customersd.yaml:4: redis.password: password_file is set as well: one of them"
            ),
            (
                "redis: {password_file: none}",
                "customersd.yaml:4: redis.password_file: cannot read none: No such file or directory"
            ),
            (
                "redis: {password_file: tenants.d}",
                "customersd.yaml:4: redis.password_file: cannot read tenants.d: is not a regular file"
            ),
            ("workers: \"\\0\"", "customersd.yaml:4: workers: must not contain NUL"),
            ("seal_key: x", "customersd.yaml:4: seal_key: seal_key_file is set as well: one of them"),
            ("- a", "customersd.yaml:4: YAML: did not find expected key (while parsing a block mapping, line 1)"),
            ("workers: 1\nlisten: /a\nworkers: 2\n", "customersd.yaml:6: workers: duplicate key, first in line 4"),
            ("limits:\n  body: 2048\n  body : 4096\n", "customersd.yaml:6: body: duplicate key, first in line 5"),
            ("limits: {body: 2048, body: 4096}", "customersd.yaml:4: body: duplicate key, first in line 4"),
            (
                "workers: \"1",
                "customersd.yaml:4: YAML: found unexpected end of stream (while scanning a quoted scalar, line 4)"
            ),
            (
                "\tworkers: 1",
                "customersd.yaml:4: YAML: found a tab character that violates indentation (while scanning a plain scalar, line 3)"
            ),
            ("a: b: c", "customersd.yaml:4: YAML: mapping values are not allowed in this context"),
            ("x: \u{1}", "customersd.yaml:4: YAML: control characters are not allowed"),
            ("---\nworkers: 1", "customersd.yaml:5: expected one YAML document, got another one"),
        ])
    func texts(appended: String, problem: String) throws {
        let folder = try ConfigurationFolder()
        let found = try folder.problems(ConfigurationFolder.minimal + appended)
        #expect(found == [problem])
    }

    @Test(
        "the chat server and the token key must be given",
        arguments: [
            (
                "",
                [
                    "customersd.yaml: tokens.key_file: is required: the HS256 key of access tokens",
                    "customersd.yaml: chat.url: is required: the chat server's address, such as http://127.0.0.1:3000",
                    "customersd.yaml: chat: is without a sign-in: the gateway's sign-in is either user_id with token_file or username with password_file",
                ]
            ),
            (
                "chat:\n  url: ftp://x\n  user_id: a\ntokens:\n  key_file: chat.password\n",
                [
                    "customersd.yaml:1: chat.token_file: is required: the personal access token of user_id",
                    "customersd.yaml:2: chat.url: expected http:// or https:// with a host and perhaps a port, no user, no path, got \"ftp://x\"",
                ]
            ),
            (
                "chat:\n  url: http://user:hunter2@chat\n  username: a\n  token: b\ntokens:\n  key: \"-----BEGIN PUBLIC KEY-----\"\n",
                [
                    "customersd.yaml:1: chat.user_id: username is set as well: the gateway's sign-in is either user_id with token_file or username with password_file",
                    "customersd.yaml:2: chat.url: expected http:// or https:// with a host and perhaps a port, no user, no path, got another text",
                    "customersd.yaml:6: tokens.key: holds a PEM key, expected the plain bytes of an HS256 key",
                ]
            ),
            (
                "chat:\n  url: http://chat/path\n  base: chat.example.com\n  kind: matrix\n  username: a\n  password: \"a\\nb\"\n  customer_role: a b\ntokens: {key_file: token.key, lifetime: abc, scopes: []}\nseal_key: c2hvcnQ=",
                [
                    "customersd.yaml:2: chat.url: expected http:// or https:// with a host and perhaps a port, no user, no path, got \"http://chat/path\"",
                    "customersd.yaml:3: chat.base: expected http:// or https:// with a host and perhaps a port, no user, no path, got \"chat.example.com\"",
                    "customersd.yaml:4: chat.kind: expected rocketchat, got \"matrix\"",
                    "customersd.yaml:6: chat.password: expected UTF-8 text on one line",
                    "customersd.yaml:7: chat.customer_role: expected a role's name without spaces, got \"a b\"",
                    "customersd.yaml:8: tokens.lifetime: expected a whole number of seconds between 60 and 604800, got \"abc\"",
                    "customersd.yaml:8: tokens.scopes: needs at least one scope",
                    "customersd.yaml:9: seal_key: expected 32 bytes in base64, as \"openssl rand -base64 32\" prints",
                ]
            ),
            (
                "chat: {url: http://chat.example.com, username: a, password_file: chat.password, customer_role: admin, ca_file: token.key}\ntokens: {key_file: token.key}",
                [
                    "customersd.yaml:1: chat.customer_role: admin would make every customer an administrator of the chat server",
                    "customersd.yaml:1: chat.ca_file: expected certificates in PEM (-----BEGIN CERTIFICATE-----) in token.key; openssl x509 -inform DER makes it of DER",
                ]
            ),
        ])
    func required(main: String, problems: [String]) throws {
        let found = try ConfigurationFolder().problems(main)
        #expect(found == problems)
    }

    @Test(
        "each says what is wrong in a tenant's file",
        arguments: [
            (
                "colour: red",
                "4: colour: unknown key; allowed here: id, name, secret_key, secret_key_file, require_timestamp, identity, identity_secret, identity_secret_file, origins, close, when_offline, routing, session_ttl, queue_ttl, reassign_after, config, timeout, template, departments"
            ),
            ("identity: signed", "4: identity: signed needs identity_secret_file, the key of user_hash"),
            (
                "origins: ['*']",
                "4: origins[0]: expected an origin such as https://shop.example.com, without a path and without *, got \"*\""
            ),
            (
                "origins: ['https://a', 'https://*.b']",
                "4: origins[1]: expected an origin such as https://shop.example.com, without a path and without *, got \"https://*.b\""
            ),
            (
                "origins: ['https://a/']",
                "4: origins[0]: expected an origin such as https://shop.example.com, without a path and without *, got \"https://a/\""
            ),
            (
                "origins: ['null']",
                "4: origins[0]: expected an origin such as https://shop.example.com, without a path and without *, got \"null\""
            ),
            (
                "origins: ['https://a:70000']",
                "4: origins[0]: expected an origin such as https://shop.example.com, without a path and without *, got \"https://a:70000\""
            ),
            ("origins: https://a", "4: origins: expected a list, got a text"),
            ("close: burn", "4: close: expected delete or archive, got \"burn\""),
            ("routing: round_robin", "4: routing: expected random, least_busy or sticky, got \"round_robin\""),
            ("require_timestamp: yes", "4: require_timestamp: expected true or false, got \"yes\""),
            (
                "session_ttl: -1",
                "4: session_ttl: expected a whole number of seconds between 0 and 2419200, got \"-1\""
            ),
            ("queue_ttl: 1h", "4: queue_ttl: expected a whole number of seconds between 0 and 2419200, got \"1h\""),
            ("timeout: 0", "4: timeout: expected a whole number of seconds between 1 and 86400, got \"0\""),
            ("config: dark", "4: config: expected settings, got a text"),
            ("template: {a: b}", "4: template: expected a text, got settings"),
        ])
    func tenants(appended: String, problem: String) throws {
        let folder = try ConfigurationFolder()
        try folder.write("tenants.d/acme.yaml", ConfigurationFolder.tenant + appended)
        let found = try folder.problems(ConfigurationFolder.minimal)
        #expect(found == ["tenants.d/acme.yaml:" + problem])
    }

    @Test(
        "ids are UUIDs",
        arguments: [
            "acme", "8009bf1c-5fea-4221-b19a-fd4278fcb06", "8009bf1c-5fea-4221-b19afd4278fcb06f0000",
            "g009bf1c5fea4221b19afd4278fcb06f", "00000000-0000-0000-0000-000000000000",
            "8009bf1c-5fea4221-b19a-fd42-78fcb06f",
        ])
    func badUUID(id: String) throws {
        let folder = try ConfigurationFolder()
        try folder.write("tenants.d/acme.yaml", "id: \(id)\nsecret_key_file: acme.key\n")
        let found = try folder.problems(ConfigurationFolder.minimal)
        #expect(
            found == [
                "tenants.d/acme.yaml:1: id: expected a UUID other than zero, dashed or as 32 hexadecimal digits, got \"\(id)\""
            ])
    }

    @Test("departments and agents are each there once")
    func departments() throws {
        let folder = try ConfigurationFolder()
        try folder.write(
            "tenants.d/acme.yaml",
            """
            id: 8009bf1c5fea4221b19afd4278fcb06f
            secret_key_file: acme.key
            departments:
              - id: 0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b
                name: one
                default: true
                agents:
                  - {username: a, capacity: 3}
                  - {username: A}
                  - {username: "", capacity: x}
                  - {email: b@example.com, capasity: 2}
              - id: 0A17B060F6ED43E1A55F5C4A6EC1E16B
                default: true
                timeout: x
                agents: [{username: A, capacity: 4}, {username: "b c"}]
              - one
              -
            """)
        let found = try folder.problems(ConfigurationFolder.minimal)
        #expect(
            found == [
                "tenants.d/acme.yaml:9: departments[0].agents[1].username: is in this department already, got \"A\"",
                "tenants.d/acme.yaml:10: departments[0].agents[2].username: is required: the agent's account at the chat server",
                "tenants.d/acme.yaml:10: departments[0].agents[2].capacity: expected a whole number between 1 and 10000, got \"x\"",
                "tenants.d/acme.yaml:11: departments[0].agents[3].capasity: unknown key; did you mean capacity?",
                "tenants.d/acme.yaml:11: departments[0].agents[3].username: is required: the agent's account at the chat server",
                "tenants.d/acme.yaml:12: departments[1].name: is required: the department's name",
                "tenants.d/acme.yaml:12: departments[1].id: department 0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b is departments[0] already",
                "tenants.d/acme.yaml:13: departments[1].default: departments[0] is the default already",
                "tenants.d/acme.yaml:14: departments[1].timeout: expected a whole number of seconds between 1 and 86400, got \"x\"",
                "tenants.d/acme.yaml:15: departments[1].agents[1].username: expected a user name without spaces, got \"b c\"",
                "tenants.d/acme.yaml:15: departments[1].agents[0].capacity: expected 3 as in departments[0].agents[0], got \"4\"",
                "tenants.d/acme.yaml:16: departments[2]: expected settings, got a text",
                "tenants.d/acme.yaml:16: departments[2].id: is required: the department's UUID",
                "tenants.d/acme.yaml:16: departments[2].name: is required: the department's name",
                "tenants.d/acme.yaml:17: departments[3].id: is required: the department's UUID",
                "tenants.d/acme.yaml:17: departments[3].name: is required: the department's name",
            ])
    }

    @Test("a tenant in two files is an error that names both")
    func duplicateTenant() throws {
        let folder = try ConfigurationFolder()
        try folder.write(
            "tenants.d/b.yaml", "# another\nid: 8009BF1C5FEA4221B19AFD4278FCB06F\nsecret_key_file: acme.key\n")
        let found = try folder.problems(ConfigurationFolder.minimal)
        #expect(
            found == [
                "tenants.d/b.yaml:2: id: tenant 8009bf1c-5fea-4221-b19a-fd4278fcb06f is in tenants.d/acme.yaml:1 already"
            ])
    }

    @Test("the problems of all files come together, in order")
    func several() throws {
        let folder = try ConfigurationFolder()
        try folder.write("tenants.d/b.yaml", "id: [")
        try folder.write("tenants.d/a.yaml", "")
        let found = try folder.problems(ConfigurationFolder.minimal + "workers: x\nlistne: y\n")
        #expect(
            found == [
                "customersd.yaml:4: workers: expected a whole number of event loops between 0 and 256, got \"x\"",
                "customersd.yaml:5: listne: unknown key; did you mean listen?",
                "tenants.d/a.yaml: id: is required: the tenant's UUID, which is its api_key",
                "tenants.d/a.yaml: secret_key_file: is required: the key that signs requests for access tokens",
                "tenants.d/b.yaml:2: YAML: did not find expected node content (while parsing a flow node, line 2)",
            ])
    }

    @Test("a file that is missing, a directory, or not UTF-8 says so")
    func unreadable() throws {
        let folder = try ConfigurationFolder()
        let foundFirst = try folder.problems()
        #expect(foundFirst == ["customersd.yaml: cannot be read: No such file or directory"])
        try folder.write("customersd.yaml", bytes: Array("a: 1\nb: ".utf8) + [0xFF, 0x0A])
        let foundSecond = try folder.problems()
        #expect(foundSecond == ["customersd.yaml:2: is not UTF-8"])
        try #require(mkdir(folder.path + "/tenants.d/x.yaml", 0o700) == 0)
        defer { rmdir(folder.path + "/tenants.d/x.yaml") }
        let foundThird = try folder.problems(ConfigurationFolder.minimal)
        #expect(foundThird == ["tenants.d/x.yaml: cannot be read: is not a regular file"])
    }

    @Test("a file that is cut off or changed anywhere gives a configuration or problems, never a trap")
    func mutations() throws {
        let folder = try ConfigurationFolder()
        let tenant = Array(
            (ConfigurationFolder.tenant + "config: {a: [1, 'x', \"y\\u0041\"]}\norigins: &o [\"https://a\"]\n# end\n")
                .utf8)
        let pieces = [
            "\n", " ", "\t", ":", "- ", "{", "}", "[", "]", "\"", "'", "&a ", "*a", "*o", "? ", "!x ", "---\n", "...\n",
            "|", ">", "%", "@", "\u{FEFF}", "<<: ", ",",
        ]
        var isFine = Set<Bool>()
        for position in stride(from: 0, through: tenant.count, by: 3) {
            for piece in [""] + [pieces[position % pieces.count], pieces[(position &* 7 &+ 3) % pieces.count]] {
                let rest = piece.isEmpty ? [] : tenant[position...]
                try folder.write("tenants.d/acme.yaml", bytes: Array(tenant[..<position]) + Array(piece.utf8) + rest)
                isFine.insert(try folder.problems(ConfigurationFolder.minimal).isEmpty)
            }
        }
        #expect(isFine == [true, false])
    }

    @Test("an empty secret file is an error")
    func emptySecret() throws {
        let folder = try ConfigurationFolder()
        try folder.write("chat.password", "\n")
        let found = try folder.problems(ConfigurationFolder.minimal)
        #expect(found == ["customersd.yaml:1: chat.password_file: chat.password is empty"])
    }
}
