/// How reachable a user is, in Rocket.Chat's words.
enum PresenceStatus: String, Sendable {
    case online
    case away
    case busy
    case offline
}
