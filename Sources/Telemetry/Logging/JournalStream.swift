internal import Glibc

/// Tells whether a descriptor is the systemd journal.
public enum JournalStream {
    /// What to write before each line on this descriptor: systemd tells a service in `JOURNAL_STREAM` which device and
    /// inode its journal stream has (systemd.exec(5)); a service whose standard error was sent elsewhere afterwards has
    /// the variable too.
    public static func prefix(environment: [String: String], descriptor: Int32 = 2) -> LogPrefix {
        guard let stream = environment["JOURNAL_STREAM"] else { return .timestamp }
        let numbers = stream.split(separator: ":", omittingEmptySubsequences: false).map { UInt64($0) }
        var status = stat()
        guard numbers.count == 2, fstat(descriptor, &status) == 0 else { return .timestamp }
        return numbers[0] == UInt64(status.st_dev) && numbers[1] == UInt64(status.st_ino) ? .journal : .timestamp
    }
}
