import Gateway
import Glibc
import HTTPMessage
import Testing

@Suite("Configuration")
struct GatewayConfigurationTests {
    /// DESIGN.md section 6, with the paths of the folder.
    static func exampleMain(_ folder: ConfigurationFolder) -> String {
        """
        # customersd.yaml
        listen: /run/customersd/fcgi.sock      # or 127.0.0.1:9001; ignored when systemd hands over a socket
        workers: 0                              # event loops; 0 = one per core
        log_level: info
        redis:
          url: unix:///run/redis/redis-server.sock   # redis://host:6379/0 · redis+sentinel://h1:26379,h2:26379/mymaster
          username: ""
          password_file: ""
        chat:
          kind: rocketchat                      # matrix later
          url: http://127.0.0.1:3000            # where the gateway calls it
          base: https://chat.example.com        # what clients get as "base"; default: url
          user_id: ""                           # with token_file: a personal access token…
          token_file: ""
          username: gateway                     # …or sign in
          password_file: \(folder.path)/chat.password
          customer_role: user
          customer_email_domain: customers.invalid
          customer_password: derived            # or: documented
        tokens:
          key_file: \(folder.path)/token.key   # HS256 key (the file's bytes less a final newline)
          lifetime: 43200
          scopes: [rocket]
        seal_key_file: \(folder.path)/seal.key # 32 bytes, base64: seals chat tokens in Redis, derives passwords
        tenants: \(folder.path)/tenants.d
        limits:
          client_connect_per_ip: 30/min
          client_connect_per_tenant: 600/min
          body: 65536
        """
    }

    static let exampleTenant = """
        # tenants.d/acme.yaml
        id: 8009bf1c-5fea-4221-b19a-fd4278fcb06f
        name: Acme
        secret_key: 3WsQAyIVHG7mQAHwURktAkLPMy622Has     # or secret_key_file
        identity: claimed                                # or signed
        identity_secret: ""                              # or identity_secret_file; for user_hash
        origins: ["https://shop.example.com"]
        close: delete                                    # or archive
        when_offline: queue                              # or assign: an offline agent takes it
        routing: random                                  # or least_busy
        config: {theme: dark}
        timeout: 200
        template: "Welcome"
        departments:
          - id: 0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b
            name: depart1
            default: true
            template: "Hello from sales"                 # department settings override the tenant's
            timeout: 90
            config: {color: red}
            agents:
              - {username: a2xpFbOg, email: a2@example.com, capacity: 5}
        """

    @Test("the example files of the design give what they say")
    func examples() throws {
        let folder = try ConfigurationFolder()
        try folder.write("customersd.yaml", Self.exampleMain(folder))
        try folder.write("tenants.d/acme.yaml", Self.exampleTenant)
        let configuration = try folder.load()
        #expect(configuration.listen == [.unix(path: "/run/customersd/fcgi.sock")])
        #expect(configuration.workers == 0)
        #expect(configuration.logLevel == .info)
        #expect(configuration.logFormat == .logfmt)
        #expect("\(configuration.redis.url)" == "unix:///run/redis/redis-server.sock")
        #expect(configuration.redis.username == "")
        #expect(configuration.redis.password == nil)
        #expect(configuration.chat.kind == .rocketchat)
        #expect(configuration.chat.url == "http://127.0.0.1:3000")
        #expect(configuration.chat.base == "https://chat.example.com")
        #expect(configuration.chat.credential == .password(username: "gateway", password: SecretValue("hunter2".utf8)))
        #expect(configuration.chat.customerRole == "user")
        #expect(configuration.chat.customerEmailDomain == "customers.invalid")
        #expect(configuration.chat.customerPassword == .derived)
        #expect(configuration.tokens.key.text == "0123456789abcdef0123456789abcdef")
        #expect(configuration.tokens.lifetime == 43_200)
        #expect(configuration.tokens.scopes == ["rocket"])
        #expect(configuration.sealKey.bytes == Array(0..<32))
        #expect(configuration.limits == LimitSettings())
        #expect(configuration.tenantsDirectory == folder.path + "/tenants.d")

        let tenant = try #require(configuration.tenants.first)
        #expect(configuration.tenants.count == 1)
        #expect(tenant.id == "8009bf1c-5fea-4221-b19a-fd4278fcb06f")
        #expect(tenant.name == "Acme")
        #expect(tenant.secretKey.text == "3WsQAyIVHG7mQAHwURktAkLPMy622Has")
        #expect(!tenant.requiresTimestamp)
        #expect(tenant.identity == .claimed)
        #expect(tenant.identitySecret == nil)
        #expect(tenant.origins == ["https://shop.example.com"])
        #expect(tenant.close == .delete)
        #expect(tenant.whenOffline == .queue)
        #expect(tenant.routing == .random)
        #expect(tenant.config == ["theme": "dark"])
        #expect(tenant.timeout == 200)
        #expect(tenant.template == "Welcome")
        let department = try #require(tenant.departments.first)
        #expect(department.id == "0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b")
        #expect(department.name == "depart1")
        #expect(department.isDefault)
        #expect(department.template == "Hello from sales")
        #expect(department.timeout == 90)
        #expect(department.config == ["color": "red"])
        #expect(department.agents.map(\.username) == ["a2xpFbOg"])
        #expect(department.agents.map(\.email) == ["a2@example.com"])
        #expect(department.agents.map(\.capacity) == [5])
        #expect(
            configuration.warnings.map { folder.relative($0.description) } == [
                "customersd.yaml:12: chat.base: is an address for examples, which no customer can reach",
                "tenants.d/acme.yaml:4: secret_key: a secret in the configuration file is for tests; prefer secret_key_file",
                "tenants.d/acme.yaml:5: identity: claimed: a customer's bare name is believed; prefer signed",
            ])
    }

    @Test("everything but the chat server and the token key has a default")
    func defaults() throws {
        let folder = try ConfigurationFolder()
        try folder.write("tenants.d/acme.yaml", ConfigurationFolder.tenant)
        try folder.write(
            "customersd.yaml", ConfigurationFolder.minimal.split(separator: "\n").prefix(2).joined(separator: "\n"))
        let configuration = try folder.load()
        #expect(configuration.listen == [.unix(path: "/run/customersd/fcgi.sock")])
        #expect("\(configuration.redis.url)" == "unix:///run/redis/redis-server.sock")
        #expect(configuration.chat.base == "http://127.0.0.1:3000")
        #expect(configuration.chat.createTokenSecret == nil)
        #expect(configuration.chat.caFile == nil)
        #expect(configuration.tokens.lifetime == 43_200)
        #expect(configuration.limits == LimitSettings())
        #expect(configuration.sealKey.bytes.count == 32)
        #expect(configuration.sealKey != configuration.tokens.key)
        let tenant = try #require(configuration.tenants.first)
        #expect(tenant.name == tenant.id)
        #expect(tenant.timeout == 200)
        #expect(tenant.sessionTTL == 86_400)
        #expect(tenant.queueTTL == 1_800)
        #expect(tenant.departments.first?.template == nil)
        #expect(tenant.departments.first?.timeout == nil)
        #expect(tenant.departments.first?.agents.first?.capacity == 5)
        #expect(
            configuration.warnings.map { folder.relative($0.description) } == [
                "customersd.yaml:1: seal_key_file: is not set: the key is derived from the token key, and changes with it",
                "tenants.d/acme.yaml:1: identity: claimed: a customer's bare name is believed; prefer signed",
            ])
    }

    @Test("the derived seal key is the same in every process and follows the token key")
    func derivedSealKey() throws {
        let folder = try ConfigurationFolder()
        try folder.write(
            "customersd.yaml", ConfigurationFolder.minimal.split(separator: "\n").prefix(2).joined(separator: "\n"))
        let first = try folder.load()
        // HKDF-SHA256, salt "customersd", info "seal-key/v1"; computed with another implementation.
        #expect(first.sealKey.bytes.map { String($0, radix: 16) }.joined(separator: " ") == Self.derivedKey)
        #expect(try folder.load() == first)
        try folder.write("token.key", "0123456789abcdef0123456789abcdeX")
        #expect(try folder.load().sealKey != first.sealKey)
    }

    static let derivedKey =
        "e5 a3 a1 d4 9c d 1d 98 8f 7f 48 70 3e 1 f4 9f f6 33 1 39 3d 4b f0 48 8b 38 84 74 98 44 30 47"

    @Test("systemd's credentials come before files beside the configuration")
    func credentials() throws {
        let folder = try ConfigurationFolder()
        try folder.write("customersd.yaml", ConfigurationFolder.minimal)
        try #require(mkdir(folder.path + "/credentials", 0o700) == 0)
        try folder.write("credentials/chat.password", "from systemd\n")
        let environment = ["CREDENTIALS_DIRECTORY": folder.path + "/credentials"]
        let secret = SecretValue("from systemd".utf8)
        #expect(
            try folder.load(environment: environment).chat.credential
                == .password(username: "gateway", password: secret))
        #expect(
            try folder.load().chat.credential == .password(username: "gateway", password: SecretValue("hunter2".utf8)))
        // The token key is in no credential: the file beside the configuration is taken.
        #expect(try folder.load(environment: environment).tokens.key.bytes.count == 32)
    }

    @Test("secret files lose one final newline and no more")
    func finalNewline() throws {
        let folder = try ConfigurationFolder()
        try folder.write("customersd.yaml", ConfigurationFolder.minimal)
        try folder.write("token.key", " 0123456789abcdef0123456789abcde\r\n\n")
        #expect(try folder.load().tokens.key.text == " 0123456789abcdef0123456789abcde\r\n")
        try folder.write("token.key", "0123456789abcdef0123456789abcdef")
        #expect(try folder.load().tokens.key.text == "0123456789abcdef0123456789abcdef")
    }

    @Test("settings of every form are read")
    func forms() throws {
        let folder = try ConfigurationFolder()
        try folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n")
        try folder.write(
            "customersd.yaml",
            """
            listen: "[::1]:9001"
            log_level: debug
            log_format: json
            chat: {url: "HTTPS://Chat.Example.com:443/", user_id: abc, token_file: chat.password, ca_file: ca.pem, create_token_secret_file: seal.key}
            tokens: {key_file: token.key, lifetime: 60, scopes: [rocket, "other"]}
            redis: {url: "redis+sentinel://h1,h2:26380/mymaster/3", username: u, password_file: chat.password}
            seal_key_file: seal.key
            limits: {client_connect_per_ip: off, client_connect_per_tenant: 1000/h, transfers_per_room: 7/15min, body: 1024}
            """)
        let configuration = try folder.load()
        #expect(configuration.listen == [.tcp(address: "::1", port: 9_001)])
        #expect(configuration.logLevel == .debug)
        #expect(configuration.logFormat == .json)
        #expect(configuration.chat.url == "https://chat.example.com")
        #expect(configuration.chat.credential == .token(userID: "abc", token: SecretValue("hunter2".utf8)))
        #expect(configuration.chat.caFile == folder.path + "/ca.pem")
        #expect(configuration.chat.createTokenSecret?.text == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        #expect(configuration.tokens.scopes == ["rocket", "other"])
        #expect("\(configuration.redis.url)" == "redis+sentinel://h1:26379,h2:26380/mymaster/3")
        #expect(configuration.redis.username == "u")
        #expect(configuration.redis.password?.text == "hunter2")
        #expect(
            configuration.limits
                == LimitSettings(
                    clientConnectPerAddress: nil, clientConnectPerTenant: CallRate(count: 1_000, seconds: 3_600),
                    transfersPerRoom: CallRate(count: 7, seconds: 900),
                    body: 1_024))
        #expect(
            configuration.warnings.map { folder.relative($0.description) } == [
                "customersd.yaml:6: redis.url: Redis on another machine is spoken to in clear; use a private network or a tunnel"
            ])
    }

    @Test(
        "Redis addresses of every form are read",
        arguments: [
            ("unix:///a/b.sock?db=2", "unix:///a/b.sock?db=2"), ("redis://h", "redis://h:6379/0"),
            ("redis://[::1]:1/15", "redis://[::1]:1/15"), ("redis://10.0.0.1/", "redis://10.0.0.1:6379/0"),
            ("redis+cluster://a:7000,b", "redis+cluster://a:7000,b:6379"),
            ("redis+sentinel://a,b:1/m", "redis+sentinel://a:26379,b:1/m"),
        ])
    func redis(url: String, inFull: String) throws {
        let folder = try ConfigurationFolder()
        try folder.write("customersd.yaml", ConfigurationFolder.minimal + "redis: {url: \"\(url)\"}\n")
        #expect("\(try folder.load().redis.url)" == inFull)
    }

    @Test("a tenant's public settings keep their types, and what only YAML 1.1 takes for something else stays text")
    func publicSettings() throws {
        let folder = try ConfigurationFolder()
        try folder.write("customersd.yaml", ConfigurationFolder.minimal)
        try folder.write(
            "tenants.d/acme.yaml",
            ConfigurationFolder.tenant
                + "config: {a: 1, b: 1.5, c: true, d: null, e: 'true', f: no, g: 12:30, h: 007, i: [x, {y: ~}], j: '1', k: -2, l: 2026-01-02, 5: x}\n"
        )
        #expect(
            try folder.load().tenants.first?.config == [
                "a": 1, "b": 1.5, "c": true, "d": nil, "e": "true", "f": "no", "g": "12:30", "h": "007",
                "i": ["x", ["y": nil]], "j": "1", "k": -2,
                "l": "2026-01-02", "5": "x",
            ])
    }

    @Test("ids and origins are kept in one spelling")
    func normalForms() throws {
        let folder = try ConfigurationFolder()
        try folder.write("customersd.yaml", ConfigurationFolder.minimal)
        try folder.write(
            "tenants.d/acme.yaml",
            """
            id: 8009BF1C5FEA4221B19AFD4278FCB06F
            secret_key_file: acme.key
            origins: ["HTTPS://Shop.Example.com:443", "http://localhost:8080", "capacitor://localhost"]
            departments: [{id: 0A17B060-F6ED-43E1-A55F-5C4A6EC1E16B, name: d, template: "", agents: [{username: a}]}]
            """)
        let tenant = try #require(try folder.load().tenants.first)
        #expect(tenant.id == "8009bf1c-5fea-4221-b19a-fd4278fcb06f")
        #expect(tenant.departments.first?.id == "0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b")
        #expect(tenant.departments.first?.template == "")
        #expect(tenant.origins == ["https://shop.example.com", "http://localhost:8080", "capacitor://localhost"])
    }

    @Test("a folder of tenants that is there and cannot be read is an error, or a reload would take all tenants away")
    func unreadableTenants() throws {
        let folder = try ConfigurationFolder()
        for name in ["acme.yaml", "acme.key"] { unlink(folder.path + "/tenants.d/" + name) }
        rmdir(folder.path + "/tenants.d")
        try folder.write("tenants.d", "")
        defer { unlink(folder.path + "/tenants.d") }
        #expect(
            try folder.problems(ConfigurationFolder.minimal) == [
                "customersd.yaml:1: tenants: the directory tenants.d cannot be read: Not a directory"
            ])
    }

    @Test(
        "before the first start a check knows that the keys will be made",
        .enabled(if: access("/etc/customersd", F_OK) != 0, "a gateway is installed here"))
    func firstStart() throws {
        let folder = try ConfigurationFolder()
        let installed = ConfigurationFolder.minimal.replacing("token.key", with: "/etc/customersd/token.key")
            .replacing("seal.key", with: "/etc/customersd/seal.key")
        try folder.write("customersd.yaml", installed)
        let checked = try GatewayConfiguration.check(path: folder.path + "/customersd.yaml", environment: [:])
        #expect(
            checked.warnings.map { folder.relative($0.description) } == [
                "customersd.yaml:2: tokens.key_file: /etc/customersd/token.key is not there yet; the first start makes it",
                "customersd.yaml:3: seal_key_file: /etc/customersd/seal.key is not there yet; the first start makes it",
            ])
        let problems = try folder.problems()
        #expect(problems.count == 2)
        #expect(problems.allSatisfy { $0.hasSuffix("systemctl start customersd-keys makes it") }, "\(problems)")
    }

    @Test("several places to listen, and the web servers that may connect there")
    func listenAndAllow() throws {
        let folder = try ConfigurationFolder()
        try folder.write(
            "customersd.yaml",
            """
            listen: [127.0.0.2:9001, /run/x/fcgi-a.sock, "10.0.0.11:9001"]
            allow: [10.0.0.12, 192.168.0.0/16, "fd00::/8"]

            """ + ConfigurationFolder.minimal)
        let configuration = try folder.load()
        #expect(
            configuration.listen == [
                .tcp(address: "127.0.0.2", port: 9_001), .unix(path: "/run/x/fcgi-a.sock"),
                .tcp(address: "10.0.0.11", port: 9_001),
            ])
        #expect(configuration.allow.map { "\($0)" } == ["10.0.0.12", "192.168.0.0/16", "fd00::/8"])
        #expect(configuration.control.path == "/run/x/control-a.sock")
        #expect(configuration.warnings.isEmpty)
    }

    @Test("what is unwise is warned about")
    func warnings() throws {
        let folder = try ConfigurationFolder()
        try folder.write("token.key", "0123456789abcdef", mode: 0o644)
        try folder.write("tenants.d/old.yml", "")
        try folder.write("tenants.d/.hidden.yaml", "nonsense: 1")
        try folder.write(
            "tenants.d/acme.yaml",
            "id: 8009bf1c5fea4221b19afd4278fcb06f\nsecret_key_file: acme.key\nidentity_secret: short\n")
        try folder.write(
            "customersd.yaml",
            """
            listen: 127.0.0.1:9001
            chat:
              url: http://chat.example.com
              username: gateway
              password: hunter2
              customer_password: documented
            tokens: {key_file: token.key}
            seal_key_file: seal.key
            """)
        #expect(
            try folder.load().warnings.map { folder.relative($0.description) } == [
                "customersd.yaml:3: chat.url: http to another machine sends tokens and passwords in clear; prefer https",
                "customersd.yaml:5: chat.password: a secret in the configuration file is for tests; prefer password_file",
                "customersd.yaml:6: chat.customer_password: documented: everybody can sign in to the chat server as any customer; prefer derived",
                "customersd.yaml:7: tokens.key_file: everybody may read token.key",
                "customersd.yaml:7: tokens.key_file: the key has 16 bytes; HS256 wants 32 (RFC 7518 section 3.2)",
                "tenants.d/acme.yaml:1: identity: claimed: a customer's bare name is believed; prefer signed",
                "tenants.d/acme.yaml:1: departments: the tenant has no departments, so nobody answers",
                "tenants.d/acme.yaml:3: identity_secret: a secret in the configuration file is for tests; prefer identity_secret_file",
                "tenants.d/acme.yaml:3: identity_secret: has 5 bytes; use 32 random characters",
                "tenants.d/old.yml: is ignored: only *.yaml is read",
            ])
    }

    @Test(
        "a base that only examples have is warned about, and nothing else is",
        arguments: [
            ("https://chat.example.com", true), ("https://Example.NET:8443", true), ("http://chat.example", true),
            ("https://chat.shop.test", false), ("https://myexample.com", false), ("https://example.com.cn", false),
            ("https://example.shop.test", false),
        ])
    func exampleBase(base: String, isWarned: Bool) throws {
        let folder = try ConfigurationFolder()
        let chat = ConfigurationFolder.minimal.replacing("chat: {", with: "chat: {base: \"\(base)\", ")
        try folder.write("customersd.yaml", chat)
        let warnings = try folder.load().warnings.map { folder.relative($0.description) }
        let expected = "customersd.yaml:1: chat.base: is an address for examples, which no customer can reach"
        #expect(warnings == (isWarned ? [expected] : []))
    }

    @Test("a byte order mark before a file is no part of it; in a secret it counts, which is warned about")
    func byteOrderMark() throws {
        let folder = try ConfigurationFolder()
        let mark = "\u{FEFF}"
        let password = ConfigurationFolder.minimal.replacing("{", with: "{\n  ", maxReplacements: 1)
        try folder.write("customersd.yaml", mark + password)
        #expect(try folder.load().warnings == [])
        try folder.write("chat.password", mark + "hunter2\n")
        let configuration = try folder.load()
        #expect(
            configuration.chat.credential
                == .password(username: "gateway", password: SecretValue((mark + "hunter2").utf8)))
        #expect(
            configuration.warnings.map { folder.relative($0.description) } == [
                "customersd.yaml:2: chat.password_file: chat.password begins with a byte order mark, which counts as part of it; "
                    + "save it without one"
            ])
        try folder.write("seal.key", mark + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
        #expect(
            try folder.problems() == [
                "customersd.yaml:4: seal_key_file: expected 32 bytes in base64, as \"openssl rand -base64 32\" prints, and no "
                    + "byte order mark before them"
            ])
    }

    @Test("no tenants, or no default directory for them, is no error; a directory that is named must be there")
    func noTenants() throws {
        let folder = try ConfigurationFolder()
        unlink(folder.path + "/tenants.d/acme.yaml")
        try folder.write("customersd.yaml", ConfigurationFolder.minimal)
        #expect(
            try folder.load().warnings.map { folder.relative($0.description) } == [
                "customersd.yaml:1: tenants: there is no *.yaml file in tenants.d, so there are no tenants"
            ])
        unlink(folder.path + "/tenants.d/acme.key")
        #expect(rmdir(folder.path + "/tenants.d") == 0)
        #expect(
            try folder.load().warnings.map { folder.relative($0.description) } == [
                "customersd.yaml:1: tenants: there is no directory tenants.d, so there are no tenants"
            ])
        try folder.write("customersd.yaml", ConfigurationFolder.minimal + "tenants: elsewhere\n")
        let error = #expect(throws: ConfigurationError.self) { try folder.load() }
        #expect(
            error?.problems.map { folder.relative($0.description) } == [
                "customersd.yaml:4: tenants: the directory elsewhere cannot be read: No such file or directory"
            ])
    }

    @Test("no way of printing a configuration shows its secrets")
    func secrets() throws {
        let folder = try ConfigurationFolder()
        try folder.write("customersd.yaml", ConfigurationFolder.minimal)
        let configuration = try folder.load()
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [dumped, "\(configuration)", String(reflecting: configuration)] {
            #expect(!text.contains("hunter2") && !text.contains("0123456789abcdef") && !text.contains("3WsQ"))
            #expect(!text.contains("- 104\n") && !text.contains("104, 117"))
            #expect(text.contains("[secret]"))
        }
    }
}
