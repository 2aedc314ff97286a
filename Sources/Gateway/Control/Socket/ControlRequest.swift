internal import HTTPMessage

/// What `customersctl` asks of a running daemon. On the wire one line of JSON each way, then the connection ends:
///
///     {"request":"status"}⏎
///     {"ok":true,"result":{…}}⏎      or      {"error":"…","ok":false}⏎
enum ControlRequest: String, Sendable, CaseIterable {
    /// A ``GatewayStatus``.
    case status
    /// Prometheus' text.
    case metrics
    /// Reads tenants and log settings anew; the result is a ``ReloadAnswer``.
    case reload

    /// Bytes of a request with its line end, at most.
    static let maximumBytes = 4_096

    /// Reads a line without its end.
    ///
    /// - Throws: ``ControlFault`` with a text for the other side.
    init(line: [UInt8]) throws(ControlFault) {
        guard let json = try? JSONValue(parsing: line), let name = json["request"]?.string else {
            throw ControlFault("a request is one line of JSON such as {\"request\":\"status\"}")
        }
        guard let request = ControlRequest(rawValue: name) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlFault("this version knows the requests \(known)")
        }
        self = request
    }

    /// The line with its end, for whoever listens.
    var line: [UInt8] { ControlMessage(self).line }
}

/// Why a request was not answered, in words for the one who asked.
struct ControlFault: Error, Equatable {
    let text: String

    init(_ text: String) { self.text = text }
}
