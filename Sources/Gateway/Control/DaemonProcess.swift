internal import Glibc

/// Tells whether a process is a daemon of ours.
enum DaemonProcess {
    /// Whether a process runs the program `customersd`, also an older one that an upgrade has replaced on the disk.
    static func runs(as process: Int32) -> Bool {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let base = buffer.baseAddress else { return false }
            let count = readlink("/proc/\(process)/exe", base, buffer.count)
            guard count > 0 else { return false }
            let path = buffer.prefix(count).map { UInt8(bitPattern: $0) }
            return isDaemon(executable: String(decoding: path, as: UTF8.self))
        }
    }

    /// Whether a path, as `/proc` shows that of a process' program, is the daemon's.
    static func isDaemon(executable path: String) -> Bool {
        let deleted = " (deleted)"
        let path = path.hasSuffix(deleted) ? String(path.dropLast(deleted.count)) : path
        return path.split(separator: "/").last == "customersd"
    }
}
