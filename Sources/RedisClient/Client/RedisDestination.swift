/// Where a command goes. Only a cluster has a choice.
enum RedisDestination: Sendable {
    /// Where its keys are.
    case wherever
    /// Where this key is, for a command without keys.
    case nodeOf(key: String)
    /// This node, whatever its keys.
    case node(RedisNode)
}
