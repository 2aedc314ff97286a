/// `GET /file-upload/<id>/<name>`: the stored file, for people who may read its room.
enum FileDownload {
    static func answer(_ request: ChatRequest, _ world: ChatWorld) -> ChatReply {
        let query = request.queryFields
        let userID = request.headers["x-user-id"] ?? query["rc_uid"]?.text ?? ""
        let token = request.headers["x-auth-token"] ?? query["rc_token"]?.text ?? ""
        let id = request.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        guard let upload = world.uploads[id], let room = world.rooms[upload.roomID] else {
            return ChatReply(status: 404, contentType: "text/plain", body: [])
        }
        guard world.isValid(token: token, of: userID), world.canAccess(room, userID) else {
            return ChatReply(status: 403, contentType: "text/plain", body: [])
        }
        return ChatReply(status: 200, contentType: upload.type, body: upload.bytes)
    }
}
