import EventLoop
import Glibc
import TestSupport
import Testing

actor Counter {
    let loop: EventLoop
    var value = 0
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    init(loop: EventLoop) { self.loop = loop }
    func add() -> Bool {
        value += 1
        return loop.inLoop
    }
    func bumpFromCallback() async {
        await withCheckedContinuation { continuation in
            loop.schedule(after: .milliseconds(1)) {
                self.assumeIsolated { $0.value += 1 }
                continuation.resume()
            }
        }
    }
}

private func currentlyOn(_ loop: EventLoop) async -> Bool { loop.inLoop }

@Suite("Event loop")
struct EventLoopTests {
    @Test("an actor pinned to a loop runs on its thread")
    func actorPinned() async throws {
        let loops = try RunningLoops()
        let counter = Counter(loop: loops.loop)
        for _ in 0..<1_000 { #expect(await counter.add()) }
        #expect(await counter.value == 1_000)
    }

    @Test("a task that prefers a loop stays on it across awaits")
    func taskPrefersLoop() async throws {
        let loops = try RunningLoops()
        let loop = loops.loop
        let counter = Counter(loop: loop)
        let task = Task(executorPreference: loop) {
            var on = loop.inLoop
            for _ in 0..<10 {
                _ = await counter.add()
                on = on && loop.inLoop
                on = await currentlyOn(loop) && on
                try? await loop.sleep(for: .milliseconds(1))
                on = on && loop.inLoop
            }
            return on
        }
        #expect(await task.value)
    }

    @Test("a callback of the loop may assume the isolation of an actor pinned to it")
    func assumeIsolated() async throws {
        let loops = try RunningLoops()
        let counter = Counter(loop: loops.loop)
        await counter.bumpFromCallback()
        #expect(await counter.value == 1)
    }

    @Test("a cancelled sleep ends with CancellationError, before or after it began")
    func cancelledSleep() async throws {
        let loops = try RunningLoops()
        let loop = loops.loop
        let task = Task { try await loop.sleep(for: .seconds(3_600)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("closures handed over from many threads all run, each sender's in order")
    func executeFromManyThreads() async throws {
        let loops = try RunningLoops()
        let loop = loops.loop
        let counter = Counter(loop: loop)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        await withCheckedContinuation { done in
                            loop.execute {
                                counter.assumeIsolated { _ = $0.add() }
                                done.resume()
                            }
                        }
                    }
                }
            }
        }
        #expect(await counter.value == 8_000)
    }

    @Test("a cancelled timer does not fire")
    func cancelledTimer() async throws {
        let loops = try RunningLoops()
        let loop = loops.loop
        let counter = Counter(loop: loop)
        await withCheckedContinuation { done in
            loop.execute {
                let timer = loop.schedule(after: .milliseconds(2)) { counter.assumeIsolated { _ = $0.add() } }
                timer.cancel()
                loop.schedule(after: .milliseconds(10)) { done.resume() }
            }
        }
        #expect(await counter.value == 0)
    }

    @Test("an edge-triggered watch reports bytes and the peer's close")
    func edgeTriggered() async throws {
        let loops = try RunningLoops()
        let loop = loops.loop
        var pair: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        let (ours, theirs) = (pair[0], pair[1])
        let events = AsyncStream<DescriptorEvents> { stream in
            loop.execute {
                var watch: DescriptorWatch?
                watch = try? loop.watch(ours, [.read, .closed], edgeTriggered: true) { events in
                    stream.yield(events)
                    if events.contains(.closed) {
                        watch?.cancel()
                        watch = nil
                        stream.finish()
                    }
                }
            }
        }
        var seen: [DescriptorEvents] = []
        var iterator = events.makeAsyncIterator()
        #expect(write(theirs, "x", 1) == 1)
        if let first = await iterator.next() { seen.append(first) }
        close(theirs)
        while let next = await iterator.next() { seen.append(next) }
        #expect(seen.first == .read)
        #expect(seen.last?.contains(.closed) == true)
        close(ours)
    }
}
