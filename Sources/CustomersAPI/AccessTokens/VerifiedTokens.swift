internal import Customers
internal import Synchronization

/// Access tokens that were found good a moment ago, so that a client's next call costs no round trip to the store. One
/// a loop.
///
/// It answers only while revocations are being heard of (``turnOn()``), for ten seconds after a token was verified, and
/// only while the store is known to be there: a token is refused everywhere at once when it is revoked, and nobody is
/// let in while the store is away (DESIGN.md section 3).
public final class VerifiedTokens: Sendable {
    private struct Entry {
        var tenant: TenantID
        var revocationID: String
        /// Unix milliseconds until which it counts.
        var end: Int64
    }

    private struct State {
        var isOn = false
        var entries: [String: Entry] = [:]
        /// Grows with each revocation and interruption, so that an answer from before cannot be remembered after.
        var generation = 0
        /// When the store last answered, in Unix milliseconds.
        var storeAnswered: Int64 = 0
        /// When it was last asked ahead of time, in Unix milliseconds.
        var renewalBegan: Int64 = 0
    }

    private let state = Mutex(State())

    /// How long a verified token is believed, in milliseconds.
    private static let longest: Int64 = 10_000
    /// How long a silent store is believed to be there, in milliseconds: nobody is let in while it is away, frozen or
    /// not. A busy gateway asks it 200 times a second for that, instead of once a request.
    private static let trust: Int64 = 5
    /// The age in milliseconds from which it is time to ask the store again, so that no request has to wait for that.
    private static let renewal: Int64 = 2
    /// More tokens than this begin anew.
    private static let capacity = 10_000

    /// Makes a cache that is off.
    public init() {}

    /// From now on revocations are heard of.
    public func turnOn() { state.withLock { $0.isOn = true } }

    /// Revocations may be missed from now on: forgets everything.
    public func turnOff() {
        state.withLock { state in
            state.isOn = false
            state.generation &+= 1
            state.entries.removeAll()
        }
    }

    /// Forgets a token that was revoked, by its `jti`.
    public func forget(_ revocationID: String) {
        state.withLock { state in
            state.generation &+= 1
            state.entries = state.entries.filter { $0.value.revocationID != revocationID }
        }
    }

    /// Whether tokens are remembered at the moment; for a status page.
    public var isOn: Bool { state.withLock { $0.isOn } }

    /// Taken before the store is asked; ``remember(_:tenant:revocationID:expiry:generation:now:)`` wants it back.
    var generation: Int { state.withLock { $0.generation } }

    /// Whether it is time to ask the store for a sign of life; true for one caller at a time, who then calls
    /// ``storeAnswered(at:)``. `now` is in Unix milliseconds.
    public func beginsRenewal(now: Int64) -> Bool {
        state.withLock { state in
            let isRecent = [state.storeAnswered, state.renewalBegan].contains { Self.age(of: $0, now) < Self.renewal }
            guard state.isOn, !isRecent else { return false }
            state.renewalBegan = now
            return true
        }
    }

    /// Notes that the store is there. `now` is in Unix milliseconds.
    public func storeAnswered(at now: Int64) {
        state.withLock { $0.storeAnswered = now }
    }

    /// The tenant of a token that was good a moment ago. `now` is in Unix milliseconds.
    func tenant(of token: String, now: Int64) -> TenantID? {
        state.withLock { state in
            guard state.isOn, Self.age(of: state.storeAnswered, now) < Self.trust, let entry = state.entries[token],
                now < entry.end, entry.end - now <= Self.longest
            else { return nil }
            return entry.tenant
        }
    }

    /// Milliseconds since `time`. What is to come, after the clock was put back, is as old as can be.
    private static func age(of time: Int64, _ now: Int64) -> Int64 { now < time ? .max : now - time }

    /// Keeps a token that is in force until `expiry` and that the store has just not found revoked; times in Unix
    /// milliseconds.
    func remember(
        _ token: String, tenant: TenantID, revocationID: String, expiry: Int64, generation: Int, now: Int64
    ) {
        state.withLock { state in
            state.storeAnswered = now
            guard state.isOn, state.generation == generation else { return }
            if state.entries.count >= Self.capacity { state.entries.removeAll(keepingCapacity: true) }
            state.entries[token] = Entry(
                tenant: tenant, revocationID: revocationID, end: min(now + Self.longest, expiry))
        }
    }
}
