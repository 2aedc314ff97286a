internal import EventLoop
internal import Glibc

/// Looks host names up on a thread of its own, because `getaddrinfo` may block for many seconds (hazard X10).
///
/// One look-up runs at a time: whoever asks while one hangs waits for that one, or for its own deadline.
// @unchecked: all state is touched on the loop's thread only; the thread gets the name and returns a value.
final class AddressResolver: @unchecked Sendable {
    private typealias Waiter = CheckedContinuation<Result<[String], RedisError>, Never>

    private let loop: EventLoop
    private let deadline: Duration
    private var waiters: [UInt64: Waiter] = [:]
    private var nextWaiter: UInt64 = 0
    private var isLookingUp = false

    init(loop: EventLoop, deadline: Duration) {
        self.loop = loop
        self.deadline = deadline
    }

    /// The numeric addresses of a host in the system's order of preference.
    func addresses(of host: String) async throws(RedisError) -> [String] {
        let number = nextWaiter
        nextWaiter &+= 1
        let timer = loop.schedule(after: deadline) { [self] in
            let late = RedisError(.unavailable, "no address for \"\(host)\" within \(deadline)")
            waiters.removeValue(forKey: number)?.resume(returning: .failure(late))
        }
        let result = await withCheckedContinuation { (waiter: Waiter) in
            waiters[number] = waiter
            if !isLookingUp { start(host) }
        }
        timer.cancel()
        return try result.get()
    }

    private func start(_ host: String) {
        isLookingUp = true
        let job = LookUp(host: host) { [self] result in
            loop.execute { [self] in
                isLookingUp = false
                let answered = waiters
                waiters = [:]
                for waiter in answered.values { waiter.resume(returning: result) }
            }
        }
        if !job.start() { job.finish(.failure(RedisError(.unavailable, "no thread for a name look-up"))) }
    }
}

/// One call of `getaddrinfo` on its own thread.
private final class LookUp: Sendable {
    private let host: String
    let finish: @Sendable (Result<[String], RedisError>) -> Void

    init(host: String, finish: @escaping @Sendable (Result<[String], RedisError>) -> Void) {
        self.host = host
        self.finish = finish
    }

    func start() -> Bool {
        // Signals are the first loop's business.
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let job = Unmanaged<LookUp>.fromOpaque(context).takeRetainedValue()
                job.finish(job.run())
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func run() -> Result<[String], RedisError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            let reason = String(cString: gai_strerror(code))
            return .failure(RedisError(.unavailable, "no address for \"\(host)\": \(reason)"))
        }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var entry = list
        while let info = entry?.pointee {
            entry = info.ai_next
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let length = socklen_t(text.count)
            guard getnameinfo(info.ai_addr, info.ai_addrlen, &text, length, nil, 0, NI_NUMERICHOST) == 0 else {
                continue
            }
            let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if !addresses.contains(address) { addresses.append(address) }
        }
        guard !addresses.isEmpty else { return .failure(RedisError(.unavailable, "no address for \"\(host)\"")) }
        return .success(addresses)
    }
}
