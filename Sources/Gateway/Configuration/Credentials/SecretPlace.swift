/// Where the content of a secret may be.
enum SecretPlace: Equatable {
    /// In a file.
    case file(String)
    /// In the unit itself; more than a line's end.
    case text([UInt8])
    /// Where only systemd can look: an encrypted credential, a socket.
    case sealed(String)
}
