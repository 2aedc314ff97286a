internal import CCurl
internal import EventLoop

extension HTTPTransfer {
    /// Sets the handle up for this request.
    ///
    /// - Throws: `invalidRequest` when the request could not be sent as it is.
    func prepare(
        _ handle: EasyHandle, configuration: HTTPClientConfiguration, now: UInt64
    ) throws(HTTPClientError) {
        try setDestination(handle)
        setSafety(handle, configuration: configuration)
        setTime(handle, configuration: configuration, now: now)
        try setMethod(handle)
        try setFields()
        handle.set(CURLOPT_USERAGENT, configuration.userAgent)
        handle.captureErrors()
        attach(to: handle)
    }

    /// The same again, on no connection that there is.
    func prepareNewConnection(_ handle: EasyHandle, configuration: HTTPClientConfiguration, now: UInt64) {
        handle.set(CURLOPT_FRESH_CONNECT, 1)
        setTime(handle, configuration: configuration, now: now)
    }

    private func setDestination(_ handle: EasyHandle) throws(HTTPClientError) {
        // A blank or a control character would end the request line; a NUL would end the text.
        guard request.url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), handle.set(CURLOPT_URL, request.url) else {
            throw HTTPClientError(code: .invalidRequest, message: "not a URL")
        }
        customers_curl_allow_http_only(handle.easy)
        handle.set(CURLOPT_PATH_AS_IS, 1)
        handle.set(CURLOPT_FOLLOWLOCATION, 0)
        // Empty, and so not taken from the environment.
        handle.set(CURLOPT_PROXY, "")
        handle.set(CURLOPT_NOPROXY, "*")
    }

    private func setSafety(_ handle: EasyHandle, configuration: HTTPClientConfiguration) {
        handle.set(CURLOPT_NOSIGNAL, 1)
        handle.set(CURLOPT_SSL_VERIFYPEER, 1)
        handle.set(CURLOPT_SSL_VERIFYHOST, 2)
        if let file = configuration.trustedRootsFile {
            handle.set(CURLOPT_CAINFO, file)
            // Or the system's folder of certificates would count as well.
            customers_curl_set_string(handle.easy, CURLOPT_CAPATH, nil)
        }
        handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // Over TLS wait for the first connection to tell whether it carries many requests. Plain connections never do.
        handle.set(CURLOPT_PIPEWAIT, request.url.utf8.starts(with: "https:".utf8) ? 1 : 0)
        // libcurl's own 16 and 64 KiB a request would be the most of the daemon's memory with 10,000 in flight. Only
        // where a long reply is expected it is read in somewhat larger pieces.
        handle.set(CURLOPT_BUFFERSIZE, replyLimit > 1_024 * 1_024 ? 4_096 : 2_048)
        handle.set(CURLOPT_UPLOAD_BUFFERSIZE, 16_384)
        customers_curl_set_offset(handle.easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(max(replyLimit, 1)))
    }

    private func setTime(_ handle: EasyHandle, configuration: HTTPClientConfiguration, now: UInt64) {
        let left = deadline > now ? (deadline - now) / 1_000_000 : 0
        handle.set(CURLOPT_TIMEOUT_MS, max(Int(left), 1))
        handle.set(CURLOPT_CONNECTTIMEOUT_MS, max(configuration.connectTimeout.wholeMilliseconds, 1))
        handle.set(CURLOPT_TCP_KEEPALIVE, 1)
    }

    private func setMethod(_ handle: EasyHandle) throws(HTTPClientError) {
        switch request.method {
        case .get: handle.set(CURLOPT_HTTPGET, 1)
        case .head: handle.set(CURLOPT_NOBODY, 1)
        case .post, .put, .delete:
            handle.set(CURLOPT_POST, 1)
            let isCopied = request.body.withUnsafeBytes { bytes in
                // No pointer would mean "ask the read callback".
                withUnsafeBytes(of: UInt8(0)) { nothing in
                    let start = bytes.baseAddress ?? nothing.baseAddress
                    return customers_curl_copy_body(handle.easy, start, curl_off_t(bytes.count)) == CURLE_OK
                }
            }
            guard isCopied else { throw HTTPClientError(code: .overloaded, message: "libcurl: out of memory") }
            if request.method != .post { handle.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
        }
    }

    private func setFields() throws(HTTPClientError) {
        // Without this a long body waits a second for the server's leave.
        var isComplete = append(field: "Expect:")
        var hasContentType = false
        for (name, value) in request.headers {
            guard Self.isToken(name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw HTTPClientError(code: .invalidRequest, message: "a field has characters that it must not")
            }
            hasContentType = hasContentType || name.lowercased() == "content-type"
            // "Name:" alone would remove the field.
            isComplete = append(field: value.isEmpty ? "\(name);" : "\(name): \(value)") && isComplete
        }
        // libcurl would claim that the body is a form.
        if !hasContentType { isComplete = append(field: "Content-Type:") && isComplete }
        guard isComplete else { throw HTTPClientError(code: .overloaded, message: "libcurl: out of memory") }
    }

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

extension Duration {
    /// Rounded down, and never more than ten years.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(min(max(seconds, 0), 315_360_000)) * 1_000 + Int(max(attoseconds, 0) / 1_000_000_000_000_000)
    }
}
