/// Files in rooms: the one-step `rooms.upload` of bands up to 7, `rooms.media` with `rooms.mediaConfirm`, and lists.
enum UploadRoutes {
    static var routes: [RESTRoute] {
        var upload = RESTRoute.post("rooms.upload", .legacy, action: Self.upload)
        upload.pathArguments = 1
        var media = RESTRoute.post("rooms.media", .legacy, action: Self.media)
        media.pathArguments = 1
        var confirm = RESTRoute.post("rooms.mediaConfirm", .legacy, action: Self.confirm)
        confirm.pathArguments = 2
        return [
            upload, media, confirm, .get("groups.files", .legacy, action: groupFiles),
            .get("im.files", action: directFiles), .get("dm.files", action: directFiles),
        ]
    }

    private static func received(_ world: ChatWorld, _ call: RESTCall) throws(ChatError) -> MultipartFile {
        guard let room = world.rooms[call.pathArguments.first ?? ""], world.canAccess(room, call.userID) else {
            throw .forbidden
        }
        guard let file = MultipartFile(call.request) else { throw .plain("[No file uploaded]") }
        return file
    }

    private static func upload(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let file = try received(world, call)
        let roomID = call.pathArguments.first ?? ""
        try world.demandWritable(roomID, by: call.userID)
        let stored = world.store(file, in: roomID, by: call.userID)
        let message = world.postUpload(
            stored, text: file.fields["msg"] ?? "", description: file.fields["description"])
        guard let message else { throw .bare }
        return ["message": message.json(.rest)]
    }

    private static func media(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let file = try received(world, call)
        let stored = world.store(file, in: call.pathArguments.first ?? "", by: call.userID)
        return ["file": ["_id": .string(stored.id), "url": .string(stored.path)]]
    }

    private static func confirm(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let (roomID, fileID) = (call.pathArguments.first ?? "", call.pathArguments.last ?? "")
        guard let upload = world.uploads[fileID], upload.roomID == roomID, upload.userID == call.userID,
            !upload.confirmed
        else { throw .code("invalid-file") }
        try world.demandWritable(roomID, by: call.userID)
        let message = world.postUpload(upload, text: call.text("msg") ?? "", description: call.text("description"))
        guard let message else { throw .bare }
        return ["message": message.json(.rest)]
    }

    private static func groupFiles(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        files(of: try world.referencedGroup(call, reader: call.userID).id, world, call)
    }

    private static func directFiles(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        files(of: try world.readableDirectRoom(call).id, world, call)
    }

    private static func files(of roomID: String, _ world: ChatWorld, _ call: RESTCall) -> [String: JSON] {
        let found = world.uploads.values.filter { $0.roomID == roomID }.sorted { ($0.at, $0.id) > ($1.at, $1.id) }
        return Page(call).reply("files", found, \.json)
    }
}
