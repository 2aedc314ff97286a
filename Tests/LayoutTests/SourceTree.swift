import Foundation

/// The files of this package as they lie on the disk.
struct SourceTree {
    /// A text file of the tree.
    struct File {
        /// From the package's root, such as `Sources/EventLoop/EventLoop.swift`.
        var path: String
        var text: String

        /// The last part of the path.
        var name: String { String(path.split(separator: "/").last ?? "") }

        /// The target whose folder the file is in, such as `EventLoop`; nil above them.
        var target: String? {
            let parts = path.split(separator: "/")
            return parts.count > 2 ? String(parts[1]) : nil
        }

        /// The lines without their ends; a final newline starts no line.
        var lines: [Substring] {
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.last?.isEmpty == true { lines.removeLast() }
            return lines
        }
    }

    let root: URL

    /// The tree that this file is in.
    static let here = SourceTree(
        root: URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent())

    /// One file's text.
    func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The Swift files under a folder, sorted by path.
    func swiftFiles(under folder: String) throws -> [File] {
        let found = try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)
        return try found.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            File(path: "\(folder)/\(path)", text: try text("\(folder)/\(path)"))
        }
    }

    /// All Swift files of the package but the manifest.
    func swiftFiles() throws -> [File] { try swiftFiles(under: "Sources") + swiftFiles(under: "Tests") }

    /// The names of a folder's own folders that are not empty (git knows no others), sorted.
    func folders(in folder: String) throws -> [String] {
        let url = root.appendingPathComponent(folder)
        return try FileManager.default.contentsOfDirectory(atPath: url.path).filter { name in
            var isFolder: ObjCBool = false
            let path = url.appendingPathComponent(name).path
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
                return false
            }
            return try !FileManager.default.contentsOfDirectory(atPath: path).isEmpty
        }.sorted()
    }

    /// Whether something is at a path.
    func has(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }
}
