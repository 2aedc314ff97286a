/// The fields of a request by name, whatever their encoding (DESIGN.md section 2, "Requests"): a form, multipart text
/// fields or a JSON object in the body; of a GET first the query string, and from a body only what the query string
/// lacks.
///
/// A body without `Content-Type` is read as a form; an empty body has no fields whatever its type. JSON numbers and
/// truth values become their text, `null` counts as absent. Where a name comes twice, forms take the first and JSON the
/// last (see ``FormURLEncoded`` and ``JSONValue/init(parsing:maximumDepth:)`` for why).
public struct RequestFields: Sendable, Hashable {
    /// A field that was sent.
    public enum Field: Sendable, Hashable {
        /// Its text, which may be empty and has no NUL.
        case text(String)
        /// It is there, but no text; the reason is fit for the `errors` object of an answer.
        case unusable(reason: String)
    }

    private var fields: [String: Field]

    /// Fields with these texts, for tests.
    public init(_ texts: [String: String] = [:]) {
        fields = texts.mapValues { .text($0) }
    }

    /// Reads a request's fields.
    ///
    /// - Throws: ``RequestFieldsError/unsupportedMediaType`` (415) or ``RequestFieldsError/malformed(_:)`` (400).
    public init(request: HTTPRequest) throws(RequestFieldsError) {
        fields = [:]
        if request.method == "GET" || request.method == "HEAD", !request.query.isEmpty {
            do { add(try FormURLEncoded(parsing: request.query.utf8).fields) } catch {
                throw .malformed("query string: \(error)")
            }
        }
        guard !request.body.isEmpty else { return }
        let (type, encoding) = try Self.type(of: request)
        switch type.type {
        case "application/x-www-form-urlencoded":
            do { add(try FormURLEncoded(parsing: request.body, encoding: encoding).fields) } catch {
                throw RequestFieldsError(error)
            }
        case "multipart/form-data": try addMultipart(request.body, type)
        case "application/json":
            try addJSON(encoding == .utf8 ? request.body : Array((encoding.text(request.body[...]) ?? "").utf8))
        default: throw .unsupportedMediaType
        }
    }

    /// A field's text; nil when it is absent or no text.
    public subscript(name: String) -> String? {
        if case .text(let text) = fields[name] { text } else { nil }
    }

    /// A field as it was sent; nil when it is absent.
    public func field(_ name: String) -> Field? { fields[name] }

    /// Why a field that is there cannot be used; nil when it can, or is absent.
    public func problem(_ name: String) -> String? {
        if case .unusable(let reason) = fields[name] { reason } else { nil }
    }

    /// The names of all fields, sorted.
    public var names: [String] { fields.keys.sorted() }

    private static func type(
        of request: HTTPRequest
    ) throws(RequestFieldsError) -> (type: ContentType, encoding: TextEncoding) {
        let text = request.header("content-type") ?? ""
        guard let type = ContentType(text.isEmpty ? "application/x-www-form-urlencoded" : text),
            let encoding = type.encoding
        else { throw .unsupportedMediaType }
        return (type, encoding)
    }

    private mutating func add(_ pairs: [(name: String, value: String)]) {
        for (name, value) in pairs where fields[name] == nil { fields[name] = .text(value) }
    }

    private mutating func addMultipart(_ body: [UInt8], _ type: ContentType) throws(RequestFieldsError) {
        let form: MultipartForm
        do { form = try MultipartForm(parsing: body, contentType: type) } catch { throw RequestFieldsError(error) }
        add(form.fields)
        for name in form.fileFields where fields[name] == nil { fields[name] = .unusable(reason: "must not be a file") }
    }

    private mutating func addJSON(_ body: [UInt8]) throws(RequestFieldsError) {
        // .NET writes one before its UTF-8; RFC 8259 section 8.1 lets it be ignored.
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = body.starts(with: byteOrderMark) ? body.dropFirst(byteOrderMark.count) : body[...]
        let value: JSONValue
        do { value = try JSONValue(parsing: text, keepsNumbers: true) } catch { throw .malformed("JSON: \(error)") }
        guard case .object(let members) = value else { throw .malformed("JSON: the body must be an object") }
        guard members.count <= FormURLEncoded.maximumFields else {
            throw .malformed(FormError.tooManyFields.description)
        }
        for (name, value) in members where fields[name] == nil {
            guard !name.utf8.contains(0) else { throw .malformed(FormError.nul.description) }
            fields[name] = Self.field(value)
        }
    }

    private static func field(_ value: JSONValue) -> Field? {
        switch value {
        case .null: nil
        case .string(let text): text.utf8.contains(0) ? .unusable(reason: "must not contain NUL") : .text(text)
        case .bool(let flag): .text(flag ? "true" : "false")
        case .int(let number): .text(String(number))
        case .double(let number): .text(value.int.map { String($0) } ?? String(number))
        case .array, .object, .raw: .unusable(reason: "must be a text")
        }
    }
}
