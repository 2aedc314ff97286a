internal import HTTPClient

extension HTTPClientError {
    /// Why there is no connection, in libcurl's words: the name, the port, the certificate, the file of trusted
    /// certificates. It knows the server's name and port there, and neither path nor fields of the request.
    var noConnection: String {
        // How long it took would make every line another one.
        let text = message.replacing(#/ after \d+ ms/#, with: "").prefix(300)
        let printable = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
        return printable.isEmpty ? "no connection" : "no connection: \(printable)"
    }
}
