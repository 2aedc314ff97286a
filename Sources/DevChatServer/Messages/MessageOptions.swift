/// What a sender may put beside a message's text.
enum MessageOptions {
    private static let kept: Set<String> = [
        "alias", "avatar", "emoji", "attachments", "customFields", "parseUrls", "tmid", "tshow",
    ]

    /// The options among the values, or the refusal when the user may not pose as somebody else.
    static func extras(
        from values: [String: JSON], in world: ChatWorld, by userID: String
    ) throws(ChatError) -> [String: JSON] {
        let extras = values.filter { kept.contains($0.key) && $0.value != .null }
        let poses = extras["alias"] != nil || extras["avatar"] != nil
        guard !poses || world.allows("message-impersonate", to: userID) else {
            throw .plain("Not enough permission")
        }
        return extras
    }
}
