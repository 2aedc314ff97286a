/// The open websockets and what each listens to.
struct SocketBook: Sendable {
    /// One open websocket.
    struct Socket: Sendable {
        /// Puts a frame on the wire; nil closes. Never waits.
        var send: @Sendable (String?) -> Void
        var userID: String?
        var token: String?
        /// Subscriptions by the client's id for them.
        var subscriptions: [String: Stream] = [:]
    }

    /// What a subscription listens to: a collection such as `stream-room-messages`, and an event within it.
    struct Stream: Sendable, Hashable {
        var collection: String
        var event: String
    }

    private(set) var open: [Int: Socket] = [:]
    private var listeners: [Stream: Set<Int>] = [:]
    private var opened = 0

    /// The number that stands for a new websocket.
    mutating func add(_ send: @escaping @Sendable (String?) -> Void) -> Int {
        opened += 1
        open[opened] = Socket(send: send)
        return opened
    }

    /// Forgets the websocket and answers what it was; nil when it is forgotten already.
    mutating func remove(_ number: Int) -> Socket? {
        guard let socket = open.removeValue(forKey: number) else { return nil }
        for stream in socket.subscriptions.values { drop(number, from: stream) }
        return socket
    }

    /// Changes who is signed in on the websocket.
    mutating func identify(_ number: Int, userID: String?, token: String?) {
        open[number]?.userID = userID
        open[number]?.token = token
    }

    mutating func subscribe(_ number: Int, id: String, to stream: Stream) {
        unsubscribe(number, id: id)
        open[number]?.subscriptions[id] = stream
        listeners[stream, default: []].insert(number)
    }

    mutating func unsubscribe(_ number: Int, id: String) {
        guard let stream = open[number]?.subscriptions.removeValue(forKey: id) else { return }
        if open[number]?.subscriptions.values.contains(stream) != true { drop(number, from: stream) }
    }

    /// The websockets that listen, lowest number first.
    func listeners(to stream: Stream) -> [Int] {
        listeners[stream].map { $0.sorted() } ?? []
    }

    private mutating func drop(_ number: Int, from stream: Stream) {
        listeners[stream]?.remove(number)
        if listeners[stream]?.isEmpty == true { listeners[stream] = nil }
    }
}
