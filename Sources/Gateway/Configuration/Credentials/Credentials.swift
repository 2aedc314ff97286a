/// Where secrets with relative names are looked for besides the folder of their configuration.
enum Credentials {
    case none
    /// What systemd has handed over, in this folder.
    case folder(String)
    /// What it would hand over at the next start. `isOwn`: to a daemon with this configuration; for any other, the
    /// files beside it come first.
    case unit(ServiceUnit, isOwn: Bool)

    /// What a process finds that systemd has started.
    static func handedOver(_ environment: [String: String]) -> Credentials {
        guard let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty else { return .none }
        return .folder(folder)
    }

    /// What a daemon with this configuration will find when it is started the next time.
    static func atNextStart(of configuration: String, _ environment: [String: String]) -> Credentials {
        if case .folder(let folder) = handedOver(environment) { return .folder(folder) }
        guard let unit = ServiceUnit.installed() else { return .none }
        return .unit(unit, isOwn: ServiceUnit.isSame(unit.configuration, configuration))
    }

    /// The unit of the service that the configuration is for; nil for any other configuration.
    var ownUnit: ServiceUnit? {
        if case .unit(let unit, isOwn: true) = self { unit } else { nil }
    }

    /// Places of a secret with this relative name, before and after the file beside the configuration.
    func places(of name: String) -> (before: [SecretPlace], after: [SecretPlace]) {
        switch self {
        case .none: ([], [])
        case .folder(let folder): ([.file(folder + "/" + name)], [])
        case .unit(let unit, let isOwn): isOwn ? (unit.places(of: name), []) : ([], unit.places(of: name))
        }
    }

    /// What keeps systemd from starting the service at all.
    var problems: [ConfigurationProblem] {
        (ownUnit?.missing ?? []).map { name, source in
            ConfigurationProblem(
                file: ServiceUnit.name, key: "LoadCredential",
                text:
                    "cannot read \(source): No such file or directory; without \(name) systemd does not start the daemon"
            )
        }
    }
}
