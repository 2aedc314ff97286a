import Logging

extension Services {
    /// Runs one gateway's turn at something that is done by the clock. Failures are logged; what was not done is in a
    /// later turn.
    func turn(_ what: String, of tenant: Tenant, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            // The store's client says so as well when it is away, and the next round comes soon.
            logger.log(
                level: error is StoreError ? .debug : .warning, "\(what) was cut short",
                metadata: ["tenant": "\(tenant.id)", "error": "\(error)"])
        }
    }
}
