internal import Customers
internal import CustomersAPI
internal import HTTPClient
internal import RedisClient
internal import RocketChatBackend

/// The configuration in the words of the parts that it is for: what every loop's ``Worker`` is made from.
struct GatewayPlan: Sendable {
    var redis: RedisConfiguration
    var http: HTTPClientConfiguration
    var chat: RocketChatConfiguration
    var base: String
    var tokenKeys: AccessTokenKeys
    var tokenScopes: Set<String>
    var tokenScope: String
    var tokenLifetime: Int
    var naming: AccountNaming
    var seal: TokenSeal
    var answerSeal: AnswerSeal
    var limitPerAddress: RateLimit?
    var limitPerTenant: RateLimit?
    var limitPerCustomer: RateLimit?
    var limitPerTransfer: RateLimit?
    var limitOfFailures: RateLimit?
    var chatOperations: Int
    /// Replaced as a whole by a reload.
    var tenants: TenantDirectory
}
