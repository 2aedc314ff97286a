internal import Glibc
internal import HTTPMessage

/// A request on its way over the control socket, and which daemon it is for: several on a machine may have been given
/// the same socket.
///
///     {"configuration":"/etc/customersd/customersd.yaml","request":"reload"}⏎
struct ControlMessage: Equatable {
    var request: ControlRequest
    /// The configuration file of the daemon that is meant; nil for whoever listens.
    var configuration: String?

    /// A longer path is left out.
    private static let longestPath = 2_000

    /// `configuration` is a path as the user gave it.
    init(_ request: ControlRequest, configuration: String? = nil) {
        self.request = request
        self.configuration = configuration.map(Self.absolute).flatMap { $0.utf8.count > Self.longestPath ? nil : $0 }
    }

    /// Reads a line without its end.
    ///
    /// - Throws: ``ControlFault`` with a text for the other side.
    init(line: [UInt8]) throws(ControlFault) {
        request = try ControlRequest(line: line)
        configuration = (try? JSONValue(parsing: line))?["configuration"]?.string
    }

    /// The line with its end.
    var line: [UInt8] {
        var members: [String: JSONValue] = ["request": .string(request.rawValue)]
        if let configuration { members["configuration"] = .string(configuration) }
        return JSONValue.object(members).serialized() + [0x0A]
    }

    /// Says so when a daemon with the configuration `own` is not the one that is meant.
    func demandAddressee(_ own: String) throws(ControlFault) {
        guard let configuration, configuration != Self.absolute(own) else { return }
        throw ControlFault(
            "it runs with \(own), and is not the one with \(configuration). Two daemons need a control socket each: set "
                + "control: in both configurations and restart them")
    }

    /// Without symbolic links, where the file is there.
    private static func absolute(_ path: String) -> String {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }
}
