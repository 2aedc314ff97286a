internal import EventLoop
internal import Glibc

/// One connection of a ``ScriptedHTTPServer``: reads a request, sends the answer's bytes, reads the next.
final class ScriptedHTTPConnection {
    let descriptor: Int32
    private let loop: EventLoop
    private var watch: DescriptorWatch?
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var ending: ScriptedHTTPAnswer.Ending?
    private var isEnded = false
    var answer: (ScriptedHTTPRequest) -> ScriptedHTTPAnswer = { _ in .reset }
    var onEnd: () -> Void = {}

    init(descriptor: Int32, loop: EventLoop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    func start() {
        watch = try? loop.watch(descriptor, .read) { [weak self] _ in self?.read() }
    }

    func end(_ ending: ScriptedHTTPAnswer.Ending) {
        guard !isEnded else { return }
        isEnded = true
        watch?.cancel()
        if ending == .reset {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        close(descriptor)
        onEnd()
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EAGAIN { return }
        guard count > 0 else { return end(.close) }
        input += buffer[..<count]
        while !isEnded, let request = takeRequest() { perform(answer(request)) }
    }

    private func takeRequest() -> ScriptedHTTPRequest? {
        guard let headEnd = input.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: input[..<headEnd.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
        }
        let length = headers["content-length"].flatMap(Int.init) ?? 0
        guard input.count - headEnd.upperBound >= length else { return nil }
        let body = Array(input[headEnd.upperBound..<headEnd.upperBound + length])
        input.removeFirst(headEnd.upperBound + length)
        return ScriptedHTTPRequest(
            number: 0, connection: 0, method: String(words.first ?? ""), target: String(words.dropFirst().first ?? ""),
            headers: headers, body: body)
    }

    private func perform(_ answer: ScriptedHTTPAnswer) {
        guard answer.delay > .zero else { return send(answer) }
        loop.schedule(after: answer.delay) { [weak self] in self?.send(answer) }
    }

    func send(_ answer: ScriptedHTTPAnswer) {
        guard !isEnded else { return }
        output += answer.bytes
        ending = answer.ending
        flush()
    }

    private func flush() {
        while !output.isEmpty {
            let count = Glibc.send(descriptor, output, output.count, Int32(MSG_NOSIGNAL))
            if count < 0, errno == EAGAIN {
                watch = try? loop.watch(descriptor, [.read, .write]) { [weak self] happened in
                    if happened.contains(.write) { self?.flush() } else { self?.read() }
                }
                return
            }
            guard count > 0 else { return end(.close) }
            output.removeFirst(count)
        }
        if let ending, ending != .keep { return end(ending) }
        start()
    }
}
