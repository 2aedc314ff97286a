import FuzzDriver
import Glibc

/// A regular file in memory that has no name any more.
struct MemoryFile {
    private let descriptor: Int32

    init() {
        var template = Array("/dev/shm/customers-fuzz-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        Fuzzing.expect(descriptor >= 0 && unlink(template) == 0, "there is a file in memory")
    }

    /// Where it can be opened.
    var path: String { "/proc/self/fd/\(descriptor)" }

    /// Puts other bytes into it.
    func replace(_ bytes: UnsafeRawBufferPointer) {
        let isDone =
            ftruncate(descriptor, 0) == 0 && pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count
        Fuzzing.expect(isDone, "there is memory")
    }
}
