internal import Glibc
internal import Synchronization

/// Writes each line with one `write(2)`, so that lines of several threads and processes stay whole
/// (``LogLine/maximumBytes`` is what a pipe takes at once).
///
/// A reader that is stuck must not stop the event loops: when the descriptor takes nothing for 20 ms the line is
/// dropped, and so are the following ones, without waiting, until it takes something again. Then a line tells how many
/// were lost.
public final class DescriptorLogOutput: LogOutput {
    private struct State {
        var dropped = 0
        /// The reader got the start of a line only.
        var isMidLine = false
    }

    private let descriptor: Int32
    private let prefix: LogPrefix
    private let isSocket: Bool
    private let state = Mutex(State())

    private static let patienceMilliseconds: Int32 = 20

    /// Makes an output to an open descriptor, which stays the caller's; `prefix` is for the line about dropped ones.
    public init(descriptor: Int32 = 2, prefix: LogPrefix) {
        self.descriptor = descriptor
        self.prefix = prefix
        var status = stat()
        isSocket = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Writes one line, or drops it.
    public func write(_ line: [UInt8]) {
        state.withLock { state in
            guard isWritable(patience: state.dropped == 0 ? Self.patienceMilliseconds : 0) else {
                state.dropped += 1
                return
            }
            if state.isMidLine {
                guard put([0x0A]) == 1 else {
                    state.dropped += 1
                    return
                }
                state.isMidLine = false
            }
            if state.dropped > 0 {
                let notice = LogLine.dropNotice(count: state.dropped, prefix: prefix)
                let written = put(notice)
                state.isMidLine = written > 0 && written < notice.count
                // The line itself only when it fits behind the notice.
                guard written == notice.count, isWritable(patience: 0) else {
                    state.dropped = written == notice.count ? 1 : state.dropped + 1
                    return
                }
                state.dropped = 0
            }
            let written = put(line)
            if written < line.count {
                state.dropped += 1
                state.isMidLine = written > 0
            }
        }
    }

    /// The number of bytes that the descriptor took; a socket (journald's is one) never waits.
    private func put(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { buffer in
            while true {
                let count =
                    isSocket
                    ? send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
                    : Glibc.write(descriptor, buffer.baseAddress, buffer.count)
                if count >= 0 { return count }
                if errno != EINTR { return 0 }
            }
        }
    }

    private func isWritable(patience: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // A signal in between counts as stuck: the wait must not start over and over.
        guard poll(&request, 1, patience) > 0 else { return false }
        // A pipe without a reader is "writable" too, with an error.
        return request.revents & Int16(POLLOUT) != 0 && request.revents & Int16(POLLERR | POLLHUP) == 0
    }
}
