/// What the parts are given: as nginx and clients really send it.
enum Inputs {
    /// An `auth_ping` as nginx sends it with the parameters of `nginx/customers/params.conf`.
    static func fastCGIRequest(token: String) -> [UInt8] {
        let parameters = [
            ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/customers/auth_ping"), ("REMOTE_ADDR", "192.0.2.17"),
            ("REQUEST_ID", "2e0eee3ec852bfb5e5da22fde5ead208"), ("HTTP_AUTHORIZATION", token),
        ].flatMap { name, value in length(name) + length(value) + name.utf8 + value.utf8 }
        let padding = (8 - parameters.count % 8) % 8
        return [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
            + [1, 4, 0, 1, UInt8(parameters.count >> 8), UInt8(parameters.count & 255), UInt8(padding), 0] + parameters
            + [UInt8](repeating: 0, count: padding) + [1, 4, 0, 1, 0, 0, 0, 0, 1, 5, 0, 1, 0, 0, 0, 0]
    }

    private static func length(_ text: String) -> [UInt8] {
        let count = text.utf8.count
        return count < 128 ? [UInt8(count)] : [128, 0, UInt8(count >> 8), UInt8(count & 255)]
    }

    /// A `client_connect` with a Chinese name.
    static let form = Array(
        ("api_key=8009bf1c-5fea-4221-b19a-fd4278fcb06f&department_id=0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b"
            + "&name=%E5%B0%8F%E5%BC%A0&DEVICE_TYPE=android&locale=zh_CN").utf8)

    /// The same as the mobile clients post it.
    static let json = Array(
        #"{"name":"小张","api_key":"8009bf1c-5fea-4221-b19a-fd4278fcb06f","DEVICE_TYPE":"android","locale":"zh_CN"}"#.utf8
    )

    /// A page of 20 messages as the chat server sends it.
    static let history: [UInt8] = {
        let messages = (0..<20).map { number in
            #"{"_id":"ca847fdced6d761fc710e3\#(10 + number)","rid":"22db78dde203958f7242bf17","msg":"Good morning, 小张.","#
                + #""ts":"2026-01-02T03:04:05.6\#(10 + number)Z","u":{"_id":"X7xTTZNcsxmYfD7vS","name":"ann","username":"ann"},"#
                + #""_updatedAt":"2026-01-02T03:04:05.678Z","urls":[],"mentions":[],"channels":[]}"#
        }
        return Array(#"{"messages":[\#(messages.joined(separator: ","))],"success":true}"#.utf8)
    }()
}
