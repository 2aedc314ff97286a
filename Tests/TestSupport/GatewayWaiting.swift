/// Returns as soon as `condition` holds, asking again and again.
///
/// - Throws: ``ChildProcessError/timedOut(_:)`` naming `what`, or what `condition` throws.
public func eventually(
    _ what: String, within patience: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + patience * TestPatience.factor
    while true {
        if try await condition() { return }
        guard clock.now < deadline else { throw ChildProcessError.timedOut(what) }
        try await Task.sleep(for: .milliseconds(15))
    }
}
