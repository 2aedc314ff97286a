import FlyingFox
import FlyingSocks
import Foundation

/// Makes a connection end with a TCP reset.
enum ConnectionReset {
    /// Sets the connection with that peer to be reset instead of closed in order.
    ///
    /// FlyingFox does not hand out a request's socket, so it is looked for among the process's descriptors; that is
    /// slow and only done for an injected fault.
    static func arm(peer: HTTPRequest.Address) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for file in names.compactMap({ Int32($0) }) {
            let socket = Socket(file: Socket.FileDescriptor(rawValue: file))
            guard let address = try? socket.remotePeer(), HTTPRequest.Address.make(from: address) == peer else {
                continue
            }
            try? socket.setValue((), for: AbortiveClose())
        }
    }
}

/// `SO_LINGER` with no time to linger: `close` sends a reset.
private struct AbortiveClose: SocketOption {
    var name: Int32 { SO_LINGER }

    func makeValue(from socketValue: linger) {}

    func makeSocketValue(from value: Void) -> linger {
        linger(l_onoff: 1, l_linger: 0)
    }
}
