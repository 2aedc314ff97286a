internal import HTTPClient

extension RocketChatDiagnosis {
    /// Why the server cannot be reached, and what helps against just that.
    func unreachable(_ failure: HTTPClientError) -> RocketChatFinding {
        let url = calls.url
        let host = url.split(separator: "/").dropFirst().first ?? ""
        let authorities = "chat.ca_file names a PEM file with the certificates of the authorities to trust"
        let remedy =
            switch Trouble(failure) {
            case .certificate:
                "the server's certificate must be for the name in chat.url, in date, and signed by an authority that this machine "
                    + "trusts, or that chat.ca_file has: \(authorities). openssl s_client -connect \(address(host)) "
                    + "-showcerts </dev/null shows what the server sends"
            case .authorities: "\(authorities); the one that is there cannot be used. Correct it and restart"
            case .handshake:
                "does \(host) speak TLS at this port? If not, chat.url begins with http://; else openssl s_client -connect "
                    + "\(address(host)) says more"
            case .name: "chat.url has a name that this machine's resolver does not know: getent hosts \(name(host))"
            case .other:
                "is it running, is chat.url right, does a firewall stand between? curl -v \(url)/api/info"
            }
        return .fault("chat server \(url) cannot be reached: \(failure)", remedy)
    }

    /// What an admin may do something about, told by libcurl's numbers (libcurl-errors(3)).
    private enum Trouble {
        case certificate, authorities, handshake, name, other

        init(_ failure: HTTPClientError) {
            self =
                switch failure.underlying {
                case 60, 83: .certificate
                case 77: .authorities
                case 35, 4, 53, 54, 59: .handshake
                case 6: .name
                default: .other
                }
        }
    }

    /// Host and port as `openssl s_client` wants them.
    private func address(_ host: Substring) -> String {
        host.hasSuffix("]") || !host.contains(":") ? "\(host):443" : String(host)
    }

    private func name(_ host: Substring) -> Substring { host.prefix { $0 != ":" } }
}
