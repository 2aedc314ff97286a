/// Why the gate refuses what a peer sent. The raw value is the `reason` label of the metric.
public enum GateRefusal: String, Error, Sendable, CaseIterable {
    /// A record's version is not 1.
    case version
    /// A record about the connection instead of a request: id 0, or a type that only occurs with id 0.
    case managementRecord = "management_record"
    /// A type that FastCGI 1.0 does not know.
    case unknownType = "unknown_type"
    /// A known type in the wrong place or direction.
    case unexpectedRecord = "unexpected_record"
    /// The web server takes its request back.
    case abortRequest = "abort_request"
    /// A `DATA` stream, which belongs to filters.
    case dataRecord = "data_record"
    /// A record of another request.
    case foreignRequestID = "foreign_request_id"
    /// Parameters or body without a `BEGIN_REQUEST` before them.
    case missingBegin = "missing_begin"
    /// `BEGIN_REQUEST` within a request.
    case secondBegin = "second_begin"
    /// `BEGIN_REQUEST` is not 8 bytes long.
    case beginLength = "begin_length"
    /// A role other than responder.
    case role
    /// Padding on `BEGIN_REQUEST` or on the empty record that ends the parameters: libfcgi takes it for the next
    /// header.
    case misplacedPadding = "misplaced_padding"
    /// More parameters than allowed.
    case parameterCount = "parameter_count"
    /// All parameters together are longer than allowed.
    case parametersLength = "parameters_length"
    /// The parameters end within a pair.
    case parametersTruncated = "parameters_truncated"
    /// An empty or a too long name.
    case parameterNameLength = "parameter_name_length"
    /// A name with `=` or NUL in it.
    case parameterName = "parameter_name"
    /// A too long value.
    case parameterValueLength = "parameter_value_length"
    /// A value with NUL in it.
    case parameterValue = "parameter_value"
    /// A name for the second time that only the web server sets.
    case duplicateParameter = "duplicate_parameter"
    /// `CONTENT_LENGTH` is not a number.
    case contentLength = "content_length"
    /// The body is not as long as `CONTENT_LENGTH` says.
    case bodyLength = "body_length"
    /// Bytes after the request's end: another request before the answer, or anything else.
    case trailingBytes = "trailing_bytes"
    /// Records and padding together are longer than what is looked at.
    case requestLength = "request_length"
}
