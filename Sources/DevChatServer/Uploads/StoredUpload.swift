import Foundation

/// A file somebody sent into a room.
struct StoredUpload: Sendable {
    var id: String
    var roomID: String
    var userID: String
    var name: String
    var type: String
    var bytes: [UInt8]
    var at: Timestamp
    /// Whether a message carries it already; `rooms.media` alone does not make one.
    var confirmed = false

    /// The path that serves it.
    var path: String {
        let safe = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["."])) ?? "file"
        return "/file-upload/\(id)/\(safe)"
    }

    /// The `file` of its message, and its entry in `groups.files`.
    var json: JSON {
        [
            "_id": .string(id), "rid": .string(roomID), "userId": .string(userID), "name": .string(name),
            "type": .string(type), "size": .int(bytes.count), "uploadedAt": .string(at.iso), "path": .string(path),
        ]
    }
}
