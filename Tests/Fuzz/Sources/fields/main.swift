// Query strings, forms, multipart and JSON bodies, and the header fields that say which it is.
import FuzzDriver
import HTTPMessage

let types = [
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json",
    "multipart/form-data; boundary=\"a b\"",
]

Fuzzing.run { bytes in
    var input = FuzzInput(bytes)
    let choice = Int(input.byte())
    switch choice % 6 {
    case 4:
        let query = String(decoding: input.remainder(), as: UTF8.self)
        check(HTTPRequest(query: query))
    case 5:
        // The field is a text already: the web server's parameters are checked to be UTF-8.
        let type = String(decoding: input.bytes(upTo: 0), as: UTF8.self)
        check(HTTPRequest(method: "POST", headers: ["content-type": type], body: input.remainder()))
    default:
        let type = types[choice % 6]
        check(HTTPRequest(method: "POST", headers: ["content-type": type], body: input.remainder()))
        if choice % 6 == 2 { checkJSON(bytes.dropFirst()) }
    }
}

func check(_ request: HTTPRequest) {
    guard let fields = try? RequestFields(request: request) else { return }
    let names = fields.names
    Fuzzing.expect(names.count <= 2 * FormURLEncoded.maximumFields, "there are not too many fields")
    for name in names {
        guard let text = fields[name] else {
            Fuzzing.expect(fields.problem(name) != nil, "a field that is no text says why")
            continue
        }
        Fuzzing.expect(!text.utf8.contains(0), "no text has a NUL")
    }
    // What was read can be written again, and reads the same.
    let query = PercentEncoding.query(names.compactMap { name in fields[name].map { (name, $0) } })
    guard !names.contains("") else { return }
    guard let again = try? RequestFields(request: HTTPRequest(query: query)) else {
        return Fuzzing.expect(names.count > FormURLEncoded.maximumFields, "fields can be written again")
    }
    for name in names { Fuzzing.expect(again[name] == fields[name], "fields read the same when written again") }
}

func checkJSON(_ bytes: UnsafeRawBufferPointer.SubSequence) {
    guard let value = try? JSONValue(parsing: Array(bytes)) else { return }
    let text = value.serialized()
    guard let again = try? JSONValue(parsing: text) else { return Fuzzing.expect(false, "JSON can be read again") }
    Fuzzing.expect(again == value, "JSON reads the same when written again")
    Fuzzing.expect(again.serialized() == text, "JSON has one spelling")
}
