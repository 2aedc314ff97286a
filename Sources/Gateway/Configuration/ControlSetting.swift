/// Where `customersctl` reaches the daemon (`control`).
public enum ControlSetting: Sendable, Hashable {
    /// Nowhere.
    case off
    /// A Unix socket at this absolute path.
    case unix(path: String)

    /// Where it is beside the usual socket.
    static let defaultPath = "/run/customersd/control.sock"
    static let expectation = "off, or an absolute path of at most 107 bytes"

    init?(_ text: String) {
        if text == "off" {
            self = .off
            return
        }
        guard case .unix(let path)? = ListenSetting(text) else { return nil }
        self = .unix(path: path)
    }

    /// A socket beside the one for FastCGI, with `control` for `fcgi` in its name, so that several daemons can share a
    /// folder.
    init(besides listen: ListenSetting) {
        guard case .unix(let path) = listen, let slash = path.lastIndex(of: "/") else {
            self = .unix(path: Self.defaultPath)
            return
        }
        let folder = path[...slash]
        var name = String(path[path.index(after: slash)...])
        if let word = name.firstRange(of: "fcgi") {
            name.replaceSubrange(word, with: "control")
        } else {
            name += ".control"
        }
        self = ListenSetting(folder + name).map { _ in .unix(path: folder + name) } ?? .off
    }

    /// Beside the first Unix socket, or beside the usual one where there is none.
    init(listening listen: [ListenSetting]) {
        self.init(besides: listen.first { $0.path != nil } ?? .usual)
    }

    /// The socket's path; nil when it is off.
    public var path: String? {
        if case .unix(let path) = self { path } else { nil }
    }
}
