extension ChatWorld {
    /// A new websocket; it is greeted at once.
    mutating func openSocket(_ send: @escaping @Sendable (String?) -> Void) -> Int {
        let number = sockets.add(send)
        record("socket-opened", ["socket": .int(number)])
        outbox.append((number, #"{"server_id":"0"}"#))
        return number
    }

    /// The websocket is gone; a user's last one takes the presence with it.
    mutating func closeSocket(_ number: Int) {
        guard let socket = sockets.remove(number) else { return }
        record("socket-closed", ["socket": .int(number), "user": socket.userID.map { name(of: $0) } ?? .null])
        if let userID = socket.userID { changePresence(of: userID) { $0.connections -= 1 } }
    }

    /// Signs the user in on the websocket, in place of whoever was.
    mutating func signIn(_ userID: String, token: String, on number: Int) {
        signOut(number)
        sockets.identify(number, userID: userID, token: token)
        users[userID]?.lastLogin = now
        changePresence(of: userID) { $0.connections += 1 }
    }

    /// Signs out whoever is on the websocket; it stays open.
    mutating func signOut(_ number: Int) {
        guard let userID = sockets.open[number]?.userID else { return }
        sockets.identify(number, userID: nil, token: nil)
        changePresence(of: userID) { $0.connections -= 1 }
    }

    /// Closes the websockets on which the token was used, as Meteor does when a token goes.
    mutating func closeSockets(token: String) {
        closeSockets { $0.token == token }
    }

    /// Closes all websockets of the user.
    mutating func closeSockets(of userID: String) {
        closeSockets { $0.userID == userID }
    }

    private mutating func closeSockets(where matches: (SocketBook.Socket) -> Bool) {
        for (number, socket) in sockets.open where matches(socket) {
            // The book forgets the socket below, so the frame goes out here and not through the outbox.
            socket.send(nil)
            closeSocket(number)
        }
    }

    /// Sends what the call left to send.
    mutating func flushOutbox() {
        guard !outbox.isEmpty else { return }
        for (socket, frame) in outbox { sockets.open[socket]?.send(frame) }
        outbox.removeAll(keepingCapacity: true)
    }
}
