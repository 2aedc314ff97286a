/// `/api/info` and `settings.public` (contract sheet, section 7): they need no user.
enum ServerRoutes {
    static var routes: [RESTRoute] {
        var info = RESTRoute.get("info", .legacy, authenticated: false, action: Self.info)
        // It lies outside `/api/v1/`, the part the limiter guards.
        info.rateLimited = false
        return [
            info, .get("settings.public", .legacy, authenticated: false, action: settings),
        ]
    }

    private static func info(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let version = world.band.version
        guard !call.userID.isEmpty, world.allows("view-statistics", to: call.userID) else {
            return ["version": .string(version.split(separator: ".").prefix(2).joined(separator: "."))]
        }
        return ["version": .string(version), "info": ["version": .string(version)]]
    }

    private static let published: [(id: String, value: JSON)] = [
        ("DirectMesssage_maxUsers", .int(ChatWorld.directRoomCap)),
        ("Message_MaxAllowedSize", .int(ChatWorld.messageSizeCap)),
        ("UI_Allow_room_names_with_special_chars", false),
        ("UTF8_Channel_Names_Validation", "[0-9a-zA-Z-_.]+"),
        ("UTF8_User_Names_Validation", "[0-9a-zA-Z-_.]+"),
    ]

    private static func settings(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let wanted = call.text("_id").map { Set($0.split(separator: ",").map(String.init)) }
        let found = published.filter { wanted?.contains($0.id) ?? true }
        return Page(call).reply("settings", found) { ["_id": .string($0.id), "value": $0.value] }
    }
}
