extension ChatWorld {
    /// Keeps a file for the room; a message is to follow.
    mutating func store(_ file: MultipartFile, in roomID: String, by userID: String) -> StoredUpload {
        let upload = StoredUpload(
            id: ids.shortID(), roomID: roomID, userID: userID, name: file.name, type: file.type, bytes: file.bytes,
            at: now)
        uploads[upload.id] = upload
        record(
            "upload",
            [
                "rid": .string(roomID), "id": .string(upload.id), "name": .string(upload.name),
                "size": .int(upload.bytes.count), "user": name(of: userID),
            ])
        return upload
    }

    /// Posts the message that carries the file.
    mutating func postUpload(_ upload: StoredUpload, text: String, description: String?) -> StoredMessage? {
        uploads[upload.id]?.confirmed = true
        let file: JSON = [
            "_id": .string(upload.id), "name": .string(upload.name), "type": .string(upload.type),
            "size": .int(upload.bytes.count),
        ]
        var attachment: [String: JSON] = [
            "ts": "1970-01-01T00:00:00.000Z", "title": .string(upload.name), "title_link": .string(upload.path),
            "title_link_download": true, "type": "file",
        ]
        if let description { attachment["description"] = .string(description) }
        return post(
            text, in: upload.roomID, by: upload.userID,
            extras: ["file": file, "files": [file], "attachments": [.object(attachment)], "groupable": false],
            uploadID: upload.id)
    }

    /// Removes the stored file.
    mutating func removeUpload(_ id: String) {
        guard let upload = uploads.removeValue(forKey: id) else { return }
        record("upload-deleted", ["rid": .string(upload.roomID), "id": .string(id), "name": .string(upload.name)])
    }

    /// Removes the message's file and leaves the message, as `rooms.cleanHistory` does with `filesOnly`.
    mutating func removeFile(of message: StoredMessage) {
        guard let upload = message.uploadID else { return }
        removeUpload(upload)
        change(message) { changed in
            changed.uploadID = nil
            changed.extras["file"] = nil
            changed.extras["files"] = nil
            changed.extras["attachments"] = [["color": "#FD745E", "text": "_File removed by prune_"]]
        }
    }
}
