internal import CFCGI
internal import Glibc

/// The output stream for one answer. Loop thread only.
///
/// It ends with ``finish()``, or with ``abandon()`` after a write error or when the connection is given up; nothing may
/// be called after either.
struct FastCGIWriter {
    private let raw: UnsafeMutablePointer<FCGX_Request>

    /// - Parameter raw: has its output stream open and nothing else, and the id and descriptor of the request.
    init(_ raw: UnsafeMutablePointer<FCGX_Request>) {
        self.raw = raw
    }

    /// Hands bytes to libfcgi, which sends them as 8 KiB records as they fill up.
    ///
    /// - Returns: false after a write error; then only ``abandon()`` is allowed (hazard H23).
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return true }
        guard let output = raw.pointee.out, let count = Int32(exactly: bytes.count) else { return false }
        return FCGX_PutStr(base.assumingMemoryBound(to: CChar.self), count, output) == count
            && FCGX_GetError(output) == 0
    }

    /// Sends what is left and the records that end the answer, and frees everything. The descriptor stays open.
    ///
    /// With `isLast` the connection is shut down at once. A web server that wants to keep it must see its end together
    /// with the answer's: between the two it may send the next request, and that is lost (hazards 1c).
    ///
    /// - Returns: false after a write error; then only ``abandon()`` is allowed.
    func finish(isLast: Bool) -> Bool {
        // FCGX_Finish_r would do the same, but only while there is an input stream.
        guard FCGX_FClose(raw.pointee.out) == 0 else { return false }
        if isLast { shutdown(raw.pointee.ipcFd, Int32(SHUT_RDWR)) }
        raw.pointee.keepConnection = 1
        FCGX_Free(raw, 0)
        raw.deallocate()
        return true
    }

    /// Frees everything without sending anything, and closes the descriptor at once.
    func abandon() {
        FCGX_Free(raw, 1)
        raw.deallocate()
    }
}
