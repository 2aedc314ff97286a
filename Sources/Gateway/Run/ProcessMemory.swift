internal import Glibc

/// Gives back what only the start needed.
///
/// A start walks through code all over the program and its libraries; the pages stay counted as the process's although
/// nothing runs there any more. The kernel has them in its cache and maps those that are needed again in microseconds.
enum ProcessMemory {
    /// Lets go of the pages of program code, never of data.
    static func release() {
        guard let maps = fopen("/proc/self/maps", "re") else { return }
        defer { fclose(maps) }
        var line = [CChar](repeating: 0, count: 8_192)
        while fgets(&line, Int32(line.count), maps) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard let (start, length) = codeOfFile(text), let address = UnsafeMutableRawPointer(bitPattern: start)
            else {
                continue
            }
            _ = madvise(address, length, MADV_DONTNEED)
        }
    }

    /// The place of a mapping that can be read and run, not written, and lies in a file; nil for any other line of
    /// maps(5):
    ///
    ///     7f0000001000-7f0000002000 r-xp 00001000 fe:00 1234  /usr/sbin/customersd
    static func codeOfFile(_ line: String) -> (start: UInt, length: Int)? {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
        let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        return (ends[0], Int(ends[1] - ends[0]))
    }
}
