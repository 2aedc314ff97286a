/// A client's subscriptions. Loop thread only.
// A class of its own, so that what follows the servers need not hold on to the client. @unchecked: touched on the
// loop's thread only.
final class SubscriptionList: @unchecked Sendable {
    private var subscriptions: [RedisSubscription] = []

    func add(_ subscription: RedisSubscription) {
        subscriptions.removeAll { $0.isCancelled }
        subscriptions.append(subscription)
    }

    func cancelAll() {
        for subscription in subscriptions { subscription.cancel() }
        subscriptions = []
    }

    /// Makes those connect anew whose connection leads to an address like this.
    func reconnect(because reason: RedisError, where isMeant: (RedisAddress) -> Bool = { _ in true }) {
        for subscription in subscriptions where subscription.address.map(isMeant) == true {
            subscription.reconnect(because: reason)
        }
    }
}
