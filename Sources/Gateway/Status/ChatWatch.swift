internal import ChatBackend
internal import EventLoop

/// Remembers how the chat server was when it was last asked, and asks again only when somebody wants to know and the
/// answer is old: an unwatched gateway causes no calls, and many watchers cause no more than one.
actor ChatWatch {
    private let chat: any ChatBackend
    private let loop: EventLoop
    private var last: Result?
    private var question: Task<Result, Never>?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Nanoseconds that an answer counts for.
    private static let lifetime: UInt64 = 5_000_000_000
    /// A recovery is seen sooner.
    private static let lifetimeOfFailure: UInt64 = 3_000_000_000

    struct Result: Sendable {
        var error: ChatBackendError?
        var nanoseconds: UInt64
        var at: UInt64
    }

    init(chat: any ChatBackend, loop: EventLoop) {
        self.chat = chat
        self.loop = loop
    }

    /// The last answer, or a new one.
    func status() async -> GatewayStatus.Chat {
        let result = await result()
        return GatewayStatus.Chat(
            isHealthy: result.error == nil, credential: Self.credential(result.error),
            milliseconds: Double(result.nanoseconds / 10_000) / 100,
            checkedSecondsAgo: Int(clamping: (loop.now &- min(result.at, loop.now)) / 1_000_000_000),
            error: result.error.map { "\($0)" })
    }

    private func result() async -> Result {
        if let last {
            let lifetime = last.error == nil ? Self.lifetime : Self.lifetimeOfFailure
            if loop.now &- last.at < lifetime { return last }
        }
        if let question { return await question.value }
        let question = Task(executorPreference: loop) { [chat, loop] in
            let begun = loop.now
            do throws(ChatBackendError) {
                try await chat.health()
                return Result(error: nil, nanoseconds: loop.now &- begun, at: loop.now)
            } catch {
                return Result(error: error, nanoseconds: loop.now &- begun, at: loop.now)
            }
        }
        self.question = question
        let result = await question.value
        last = result
        self.question = nil
        return result
    }

    private static func credential(_ error: ChatBackendError?) -> GatewayStatus.Credential {
        switch error {
        case nil: .accepted
        case .refused: .refused
        default: .unknown
        }
    }
}
