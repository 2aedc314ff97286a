internal import Glibc

/// What a caller is counted by: an IPv4 address, or the /64 of an IPv6 address, which one caller owns.
public enum ClientAddress {
    /// The bucket's name for `REMOTE_ADDR`; text that is no address counts as itself.
    public static func bucket(_ address: String) -> String {
        guard address.utf8.contains(UInt8(ascii: ":")) else { return address }
        var bytes = in6_addr()
        guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
        let all = withUnsafeBytes(of: bytes) { Array($0) }
        // ::ffff:a.b.c.d is an IPv4 caller on a dual-stack socket.
        if all.prefix(10).allSatisfy({ $0 == 0 }), all[10] == 0xff, all[11] == 0xff {
            return all.suffix(4).map(String.init).joined(separator: ".")
        }
        return all.prefix(8).hex + "/64"
    }
}
