internal import Glibc

/// Where the programs and files of the project lie that end-to-end tests start.
public enum GatewayExecutables {
    /// The path of one of the package's executables: in the folder that `CUSTOMERS_BIN` names, else beside the test
    /// bundle, where SwiftPM puts them.
    ///
    /// - Throws: ``ChildProcessError`` when it is not there.
    public static func path(of name: String) throws -> String {
        let folder = getenv("CUSTOMERS_BIN").map { String(cString: $0) } ?? productsFolder
        let path = "\(folder)/\(name)"
        guard access(path, X_OK) == 0 else { throw ChildProcessError.failed("no executable \(path)", errno) }
        return path
    }

    /// The package's own folder.
    public static var packageFolder: String {
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    }

    private static var productsFolder: String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }
}
