import RocketChatBackend
import TestSupport
import Testing

@testable import DevChatServer

@Suite("The chat backend contract, kept by the Rocket.Chat adapter")
struct RocketChatContractTests {
    @Test("before every version of the server", arguments: ChatBackendContract.rules, VersionBand.allCases)
    func rule(_ rule: ChatBackendContract, band: VersionBand) async throws {
        let world = try await DevChatWorld(band: band)
        try await rule.check(world)
    }

    @Test("with a personal access token and tokens made by the server", arguments: ChatBackendContract.rules)
    func rule(_ rule: ChatBackendContract) async throws {
        let world = try await DevChatWorld {
            $0.users[0].personalToken = "PersonalAccessTokenOfTheServiceAccount00000"
            $0.createTokenSecret = "s3cret"
        } configure: {
            $0.credential = .personalAccessToken(
                userID: SeedUser.serviceAccountID, token: "PersonalAccessTokenOfTheServiceAccount00000")
            $0.createTokenSecret = "s3cret"
        }
        try await rule.check(world)
    }
}
