import Gateway
import Glibc
import Testing

/// A folder with configuration files, gone with the value.
final class ConfigurationFolder {
    let path: String

    /// What every good configuration needs; line numbers in tests count from here when a test appends to it.
    static let minimal = """
        chat: {url: "http://127.0.0.1:3000", username: gateway, password_file: chat.password}
        tokens: {key_file: token.key}
        seal_key_file: seal.key

        """

    /// A good tenant file, to which tests append.
    static let tenant = """
        id: 8009bf1c-5fea-4221-b19a-fd4278fcb06f
        secret_key_file: acme.key
        departments: [{id: 0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b, name: depart1, agents: [{username: a2xpFbOg}]}]

        """

    init() throws {
        var template = Array("/tmp/customers-configuration-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try write("chat.password", "hunter2\n")
        try write("token.key", "0123456789abcdef0123456789abcdef\n")
        try write("seal.key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
        try #require(mkdir(path + "/tenants.d", 0o700) == 0)
        try write("tenants.d/acme.key", "3WsQAyIVHG7mQAHwURktAkLPMy622Has\n")
        try write("tenants.d/acme.yaml", Self.tenant + "identity: signed\nidentity_secret_file: acme.key\n")
    }

    deinit {
        for folder in ["tenants.d", "credentials", "."] {
            let folder = path + "/" + folder
            guard let directory = opendir(folder) else { continue }
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                unlink(folder + "/" + name)
            }
            closedir(directory)
            rmdir(folder == path + "/." ? path : folder)
        }
    }

    func write(_ name: String, bytes: [UInt8], mode: mode_t = 0o600) throws {
        let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, mode)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        try #require(fchmod(descriptor, mode) == 0)
    }

    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws {
        try write(name, bytes: Array(text.utf8), mode: mode)
    }

    func load(environment: [String: String] = [:]) throws(ConfigurationError) -> GatewayConfiguration {
        try GatewayConfiguration.load(path: path + "/customersd.yaml", environment: environment)
    }

    /// The problems of a configuration, one line each, without this folder's name.
    func problems(_ main: String) throws -> [String] {
        try write("customersd.yaml", main)
        return try problems()
    }

    func problems() throws -> [String] {
        do {
            _ = try load()
            return []
        } catch {
            return error.description.split(separator: "\n").map(relative)
        }
    }

    func relative(_ text: some StringProtocol) -> String {
        text.split(separator: path + "/", omittingEmptySubsequences: false).joined()
    }
}
