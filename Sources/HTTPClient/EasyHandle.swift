internal import CCurl
internal import Glibc

/// One of libcurl's easy handles with the place for its error text: five kilobytes worth keeping for the next request.
final class EasyHandle {
    let easy: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>

    init?() {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(easy)
        errorText.deallocate()
    }

    /// Forgets everything of the last request; kept connections belong to the multi handle and stay.
    func reset() {
        curl_easy_reset(easy)
        errorText.pointee = 0
    }

    /// What libcurl said about the failure; its general text for the code when it said nothing.
    func message(for code: CURLcode) -> String {
        errorText.pointee != 0 ? String(cString: errorText) : String(cString: curl_easy_strerror(code))
    }

    /// The last reply's status code.
    var status: Int {
        var value = 0
        customers_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &value)
        return value
    }

    /// Whether OpenSSL holds bytes of the current connection that libcurl has not read: the rest of a record, of which
    /// libcurl takes no more than the reply's length. False without TLS, and with another library than OpenSSL.
    var hasUnreadTLS: Bool {
        guard let hasPending = Self.opensslHasPending, let session = customers_curl_openssl_session(easy) else {
            return false
        }
        return hasPending(session) != 0
    }

    /// `SSL_has_pending`; libcurl has brought its library along.
    private static let opensslHasPending = dlsym(nil, "SSL_has_pending").map {
        unsafeBitCast($0, to: (@convention(c) @Sendable (UnsafeMutableRawPointer) -> Int32).self)
    }

    func captureErrors() {
        customers_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    }

    func set(_ option: CURLoption, _ value: Int) {
        customers_curl_set_long(easy, option, value)
    }

    /// Whether libcurl took the text: it refuses a malformed one, or has no memory left for the copy.
    @discardableResult
    func set(_ option: CURLoption, _ value: String) -> Bool {
        customers_curl_set_string(easy, option, value) == CURLE_OK
    }
}
