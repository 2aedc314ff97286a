internal import Glibc

/// Waits until the other end's kernel has all that was sent.
enum SocketDelivery {
    /// Returns at once for a descriptor that is none, or no longer.
    static func wait(for descriptor: Int32) async {
        var unconfirmed: Int32 = 0
        while ioctl(descriptor, UInt(TIOCOUTQ), &unconfirmed) == 0, unconfirmed > 0 {
            // What has arrived is confirmed within 40 ms.
            try? await Task.sleep(for: .milliseconds(1))
            guard !Task.isCancelled else { return }
        }
    }
}
