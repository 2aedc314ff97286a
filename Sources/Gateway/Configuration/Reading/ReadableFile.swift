internal import Glibc

/// A file's bytes and whether everybody may read it.
struct ReadableFile {
    var bytes: [UInt8]
    var isWorldReadable: Bool

    /// Why a file could not be read: the system's words, or ours.
    struct Failure: Error {
        var text: String
        var isMissing = false
        /// Whether another user might read it.
        var isForbidden = false
    }

    /// What some editors write before a text in UTF-8.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Reads a regular file of at most `maximumBytes`. Does not wait for a writer when it is a pipe: that is refused.
    init(path: String, maximumBytes: Int = 1 << 20) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(text: "is not a regular file") }
        isWorldReadable = status.st_mode & S_IROTH != 0
        bytes = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(path) }
            if count == 0 { return }
            bytes += buffer.prefix(count)
            guard bytes.count <= maximumBytes else {
                throw Failure(text: "is larger than \(maximumBytes) bytes")
            }
        }
    }

    /// The names in a directory, sorted by their bytes.
    static func names(inDirectory path: String) throws(Failure) -> [String] {
        guard let directory = opendir(path) else { throw failure(path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func failure(_ path: String) -> Failure {
        let code = errno
        var text = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        if code == EACCES, let user = DaemonAccount.name(of: geteuid()) {
            text += " for user \(user)"
            if user == DaemonAccount.name { text += "; " + DaemonAccount.remedy(path) }
        }
        return Failure(text: text, isMissing: code == ENOENT, isForbidden: code == EACCES)
    }
}
