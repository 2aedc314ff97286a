internal import Crypto
internal import FoundationEssentials

/// Reads `customersd.yaml` and the tenants' files and collects everything that is wrong in them.
struct ConfigurationLoader {
    let path: String
    let credentials: Credentials
    var precedesFirstStart = false

    static let keys = [
        "listen", "allow", "control", "workers", "access_log", "log_level", "log_format", "redis", "chat", "tokens",
        "seal_key_file", "seal_key",
        "tenants", "limits",
    ]

    func load() throws(ConfigurationError) -> GatewayConfiguration {
        let file = SettingsFile(
            path: path, credentials: credentials, precedesFirstStart: precedesFirstStart)
        let document = file.document()
        // What cannot be read at all is one problem, not many missing settings.
        guard file.errors.isEmpty else { throw ConfigurationError(problems: file.errors) }
        let top = SettingsSection(document, file: file, path: "", known: Self.keys)

        let listen = top.listen("listen")
        let allow = top.addressBlocks("allow")
        if !top.isPresent("allow"), let open = listen.first(where: \.isReachableFromOutside) {
            top.error(
                "listen",
                "\(open) can be reached by other machines, and FastCGI knows no authentication: name the web servers "
                    + "that may connect, such as allow: [10.0.0.12], or listen at a Unix socket or 127.0.0.1")
        }
        let tokens = TokenSettings(top.section("tokens", known: TokenSettings.keys))
        let control = top.parsed("control", expected: ControlSetting.expectation) { ControlSetting($0) }
        var configuration = GatewayConfiguration(
            listen: listen,
            allow: allow,
            workers: top.integer("workers", of: "event loops", in: 0...256, default: 0),
            control: control ?? ControlSetting(listening: listen),
            accessLog: top.choice("access_log", default: .off),
            logLevel: top.choice("log_level", default: .info),
            logFormat: top.choice("log_format", default: .logfmt),
            redis: RedisSettings(top.section("redis", known: RedisSettings.keys)),
            chat: ChatSettings(top.section("chat", known: ChatSettings.keys)),
            tokens: tokens,
            sealKey: sealKey(top, tokens),
            limits: LimitSettings(top.section("limits", known: LimitSettings.keys)),
            tenantsDirectory: file.resolve(top.text("tenants", default: "tenants.d")),
            tenants: [],
            warnings: [])
        var problems = file.errors + credentials.problems
        configuration.tenants = tenants(in: configuration.tenantsDirectory, top, &configuration.warnings, &problems)
        configuration.warnings.insert(contentsOf: file.warnings, at: 0)
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return configuration
    }

    /// The configured key, or one that follows from the token key: every gateway of a fleet comes to the same.
    private func sealKey(_ top: SettingsSection, _ tokens: TokenSettings) -> SecretValue {
        guard top.isSecretSet("seal_key") else {
            top.warn("seal_key_file", "is not set: the key is derived from the token key, and changes with it")
            let derived = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: tokens.key.bytes), salt: Array("customersd".utf8),
                info: Array("seal-key/v1".utf8), outputByteCount: 32)
            return SecretValue(derived.withUnsafeBytes { Array($0) })
        }
        guard let secret = top.secret("seal_key") else { return SecretValue([]) }
        guard let bytes = Data(base64Encoded: Data(secret.value.bytes)), bytes.count == 32 else {
            let isMarked = secret.value.bytes.starts(with: ReadableFile.byteOrderMark)
            top.error(
                secret.key,
                "expected 32 bytes in base64, as \"openssl rand -base64 32\" prints"
                    + (isMarked ? ", and no byte order mark before them" : ""))
            return SecretValue([])
        }
        return SecretValue(bytes)
    }

    private func tenants(
        in directory: String, _ top: SettingsSection, _ warnings: inout [ConfigurationProblem],
        _ problems: inout [ConfigurationProblem]
    ) -> [TenantSettings] {
        let names: [String]
        do {
            names = try ReadableFile.names(inDirectory: directory)
        } catch {
            // A folder that is named, or there, must be readable: a reload would take all tenants away.
            if top.isSet("tenants") || !error.isMissing {
                top.error(
                    "tenants", "the directory \(directory) cannot be read: \(error.text)",
                    isForbidden: error.isForbidden)
                problems = top.file.errors
            } else {
                top.warn("tenants", "there is no directory \(directory), so there are no tenants")
            }
            return []
        }
        var tenants: [TenantSettings] = []
        var places: [String: String] = [:]
        for name in names where !name.hasPrefix(".") {
            let file = SettingsFile(path: directory + "/" + name, credentials: credentials)
            guard name.hasSuffix(".yaml") else {
                if name.hasSuffix(".yml") {
                    warnings.append(ConfigurationProblem(file: file.path, text: "is ignored: only *.yaml is read"))
                }
                continue
            }
            let document = file.document()
            if file.errors.isEmpty {
                let section = SettingsSection(document, file: file, path: "", known: TenantSettings.keys)
                let tenant = TenantSettings(section)
                if !tenant.id.isEmpty {
                    let line = section.value("id")?.line ?? 1
                    if let first = places[tenant.id] {
                        section.error("id", "tenant \(tenant.id) is in \(first) already")
                    } else {
                        places[tenant.id] = "\(file.path):\(line)"
                    }
                }
                tenants.append(tenant)
            }
            warnings += file.warnings
            problems += file.errors
        }
        if tenants.isEmpty, problems.isEmpty {
            top.warn("tenants", "there is no *.yaml file in \(directory), so there are no tenants")
        }
        return tenants
    }
}
