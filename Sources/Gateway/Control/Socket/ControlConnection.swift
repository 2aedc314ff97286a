internal import EventLoop
internal import Glibc

/// One connection to the control socket: a line in, a line out. Loop thread only; never waits.
final class ControlConnection {
    let descriptor: Int32
    /// Tells it from another that got the same descriptor later.
    let number: UInt64
    private(set) var input: [UInt8] = []
    private var output: ArraySlice<UInt8> = []
    var watch: DescriptorWatch?
    var timer: LoopTimer?

    /// What came of reading.
    enum Arrival: Equatable {
        /// The line's end has not come.
        case more
        /// A line without its end; what follows it is ignored.
        case line([UInt8])
        /// The peer has gone, or sends too much.
        case end
    }

    /// What came of writing.
    enum Departure: Equatable {
        case more, done, failed
    }

    init(descriptor: Int32, number: UInt64) {
        self.descriptor = descriptor
        self.number = number
    }

    /// Reads what is there.
    func read() -> Arrival {
        var buffer = [UInt8](repeating: 0, count: ControlRequest.maximumBytes)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return .more }
            guard count > 0 else { return .end }
            input += buffer.prefix(count)
            if let end = input.firstIndex(of: 0x0A), end < ControlRequest.maximumBytes {
                return .line(Array(input[..<end]))
            }
            guard input.count < ControlRequest.maximumBytes else { return .end }
        }
    }

    /// Begins an answer.
    func reply(_ line: [UInt8]) { output = line[...] }

    /// Writes what goes.
    func write() -> Departure {
        while !output.isEmpty {
            let count = output.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return .more }
            guard count > 0 else { return .failed }
            output = output.dropFirst(count)
        }
        return .done
    }

    /// Ends it. Calling it twice is fine.
    func close() {
        guard watch != nil || timer != nil else { return }
        watch?.cancel()
        watch = nil
        timer?.cancel()
        timer = nil
        _ = Glibc.close(descriptor)
    }
}
