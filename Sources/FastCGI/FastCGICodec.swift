internal import CFCGI
internal import Glibc

/// libfcgi on one loop: parses requests and makes writers for their answers (DESIGN.md section 4). Loop thread only.
///
/// This and ``FastCGIWriter`` are the only places that call libfcgi's request and stream functions. Descriptors are
/// non-blocking; the owner sees to it that reads find their bytes and writes find room, so that libfcgi never meets
/// `EAGAIN`.
///
/// A parsed request leaves an output stream with a buffer of 8 KiB behind. Ten thousand requests that wait for their
/// answers would hold 80 MiB of them, so a few are kept for the next answers whichever they are, and the rest is freed:
/// an output stream does not care whose id and descriptor stand in its `FCGX_Request`.
final class FastCGICodec {
    /// What became of a request that the gate let through.
    enum Parsed<Value> {
        case request(Value, keepConnection: Bool, requestID: Int32)
        /// libfcgi sees something else than the gate did, which must never happen. It may have closed the descriptor.
        case disagreement(isClosed: Bool)
    }

    /// Output streams kept at most.
    private static let spareLimit = 32
    /// BEGIN_REQUEST, the end of the parameters, the end of the body: what it takes to get an output stream.
    private static let smallestRequest: [UInt8] = [
        1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0,
        1, 4, 0, 1, 0, 0, 0, 0,
        1, 5, 0, 1, 0, 0, 0, 0,
    ]

    /// Each has its output stream open and nothing else.
    private var spares: [UnsafeMutablePointer<FCGX_Request>] = []
    private var selfPair: (Int32, Int32)?

    deinit {
        for spare in spares { Self.free(spare) }
        if let selfPair {
            _ = close(selfPair.0)
            _ = close(selfPair.1)
        }
    }

    /// Lets libfcgi take the request out of the socket.
    ///
    /// - Parameters:
    ///   - descriptor: the connection's, with exactly one request in it that the gate let through.
    ///   - bodyLength: the length that the gate saw.
    ///   - translate: gets the parameters as C strings `NAME=value`, ended by nil and only valid within, and the body.
    /// - Returns: what `translate` made, or that libfcgi disagrees with the gate.
    func parse<Value>(
        _ descriptor: Int32, bodyLength: Int,
        _ translate: (_ parameters: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, _ body: [UInt8]) -> Value
    ) -> Parsed<Value> {
        let raw = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)
        FCGX_InitRequest(raw, -1, 0)
        raw.pointee.ipcFd = descriptor
        // Otherwise FCGX_Accept_r closes the descriptor first.
        raw.pointee.keepConnection = 1
        // Should libfcgi ever close it, then at once and not after reading for up to 2 s a time (hazard H13).
        FCGX_Detach(raw)
        guard FCGX_Accept_r(raw) == 0 else {
            raw.deallocate()
            return .disagreement(isClosed: true)
        }
        guard let body = Self.readBody(raw, bodyLength), let parameters = raw.pointee.envp else {
            Self.free(raw)
            return .disagreement(isClosed: false)
        }
        let value = translate(parameters, body)
        let keep = raw.pointee.keepConnection != 0
        let requestID = raw.pointee.requestId
        Self.freeInput(raw)
        if spares.count < Self.spareLimit { spares.append(raw) } else { Self.free(raw) }
        return .request(value, keepConnection: keep, requestID: requestID)
    }

    /// Makes a writer for the answer to a request that was parsed before; nil when memory or descriptors have run out.
    func writer(for requestID: Int32, on descriptor: Int32) -> FastCGIWriter? {
        if spares.isEmpty { makeSpare() }
        guard let raw = spares.popLast() else { return nil }
        raw.pointee.requestId = requestID
        raw.pointee.ipcFd = descriptor
        return FastCGIWriter(raw)
    }

    /// Sends the smallest request to ourselves, because libfcgi makes an output stream only for a request.
    private func makeSpare() {
        if selfPair == nil {
            var pair: [Int32] = [-1, -1]
            guard socketpair(AF_UNIX, ListenSocket.streamType(SOCK_CLOEXEC, SOCK_NONBLOCK), 0, &pair) == 0 else {
                return
            }
            selfPair = (pair[0], pair[1])
        }
        guard let (reader, writer) = selfPair,
            write(writer, Self.smallestRequest, Self.smallestRequest.count) == Self.smallestRequest.count
        else { return }
        if case .disagreement(isClosed: true) = parse(reader, bodyLength: 0, { _, _ in }) {
            _ = close(writer)
            selfPair = nil
        }
    }

    /// Reads the body to its end; nil when libfcgi reports an error or another length than the gate saw (hazard H8).
    private static func readBody(_ raw: UnsafeMutablePointer<FCGX_Request>, _ length: Int) -> [UInt8]? {
        guard let input = raw.pointee.in else { return nil }
        // All empty arrays are one, whose count is written nevertheless, by several threads.
        let body: [UInt8] =
            length == 0
            ? []
            : Array(unsafeUninitializedCapacity: length) { buffer, count in
                guard let base = buffer.baseAddress else { return }
                let text = UnsafeMutableRawPointer(base).assumingMemoryBound(to: CChar.self)
                count = max(0, Int(FCGX_GetStr(text, Int32(truncatingIfNeeded: length), input)))
            }
        // The read beyond the end takes the empty STDIN record out of the socket (hazard H15).
        guard body.count == length, FCGX_GetChar(input) == -1, FCGX_GetError(input) == 0 else { return nil }
        return body
    }

    /// Frees all but the output stream.
    private static func freeInput(_ raw: UnsafeMutablePointer<FCGX_Request>) {
        // Nothing was written to it, so closing the error stream sends nothing.
        FCGX_FClose(raw.pointee.err)
        var rest = FCGX_Request()
        rest.ipcFd = -1
        swap(&rest.in, &raw.pointee.in)
        swap(&rest.err, &raw.pointee.err)
        swap(&rest.paramsPtr, &raw.pointee.paramsPtr)
        raw.pointee.envp = nil
        FCGX_Free(&rest, 0)
    }

    /// Frees everything without touching the descriptor, whose owner is the connection.
    private static func free(_ raw: UnsafeMutablePointer<FCGX_Request>) {
        FCGX_Free(raw, 0)
        raw.deallocate()
    }
}
