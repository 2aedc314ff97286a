/// `groups.create` (contract sheet, section 5): checked by hand in the server, so the texts are its own.
enum GroupCreation {
    private static let extraKeys: Set<String> = [
        "topic", "description", "broadcast", "encrypted", "teamId", "federated",
    ]

    static func create(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        try check(call)
        let name = call.values["name"]?.text ?? ""
        guard world.allows("create-p", to: call.userID), let creator = world.users[call.userID] else {
            throw .notAllowed("createPrivateGroup")
        }
        try world.demandRoomName(name)
        let extra = call.values["extraData"]?.fields ?? [:]
        var room = StoredRoom(
            id: world.ids.roomID(), kind: .group, name: name, displayName: name, owner: creator.reference,
            createdAt: world.now, updatedAt: world.now)
        room.customFields = call.values["customFields"]?.fields ?? [:]
        room.topic = extra["topic"]?.text
        room.description = extra["description"]?.text
        room.broadcast = extra["broadcast"]?.flag ?? false
        room.readOnly = call.flag("readOnly") ?? false || room.broadcast
        world.insert(room)
        world.record(
            "room-created",
            [
                "rid": .string(room.id), "type": "p", "name": .string(name), "by": .string(creator.username),
            ])
        if call.flag("excludeSelf") != true {
            world.attach(creator.id, to: room.id, as: Membership(roles: ["owner"]))
        }
        for username in call.texts("members") ?? [] {
            if let member = world.user(named: username), member.active { world.attach(member.id, to: room.id) }
        }
        return ["group": world.fields(of: room.id)]
    }

    private static func check(_ call: RESTCall) throws(ChatError) {
        guard call.values["name"]?.text?.isEmpty == false else { throw .plain("Body param \"name\" is required") }
        if let members = call.values["members"], members.list == nil {
            throw .plain("Body param \"members\" must be an array if provided")
        }
        if let fields = call.values["customFields"], fields.fields == nil {
            throw .plain("Body param \"customFields\" must be an object if provided")
        }
        if let extra = call.values["extraData"] {
            guard let extra = extra.fields else {
                throw .plain("Body param \"extraData\" must be an object if provided")
            }
            guard extraKeys.isSuperset(of: extra.keys) else {
                throw .code("invalid-params", "must NOT have additional properties")
            }
        }
    }
}
