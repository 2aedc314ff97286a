internal import ChatBackend
internal import Customers
internal import EventLoop
internal import Glibc
internal import RedisClient

/// What `customersctl` does, one method a command: the only part of the gateway that it sees.
///
/// Each method reads the configuration anew, does its work, on an event loop of its own where it takes one, and blocks
/// until it is done. Nothing of a secret is ever in a ``Report``, but the token that
/// ``issueToken(tenant:lifetime:scope:)`` makes.
public struct AdminSession: Sendable {
    let path: String
    let environment: [String: String]

    /// Names the configuration file; `environment` is the process's.
    public init(configuration path: String, environment: [String: String]) {
        self.path = path
        self.environment = environment
    }

    /// Where systemd keeps what it has handed to the running daemon.
    private static let runningCredentials = "/run/credentials/customersd.service"

    /// Root sees the secrets that the running daemon has; where none runs, those that the next start will get.
    var credentials: Credentials {
        let next = Credentials.atNextStart(of: path, environment)
        guard next.ownUnit != nil, access(Self.runningCredentials, R_OK) == 0 else { return next }
        return .folder(Self.runningCredentials)
    }

    /// Says on standard error what is wrong with what the next start will read, as `customersd --check` does.
    ///
    /// - Returns: the exit status.
    public func check() -> Int32 { Launch(path: path, environment: environment).check() }

    /// The same for programs.
    public func checkReport() -> Report { ConfigurationCheck(path: path, environment: environment).report }

    func configuration() throws(AdminError) -> GatewayConfiguration {
        do {
            return try GatewayConfiguration.load(path: path, credentials: credentials)
        } catch {
            throw Self.refusal(error)
        }
    }

    /// What to do about a configuration that cannot be used.
    static func refusal(_ error: ConfigurationError) -> AdminError {
        AdminError(
            error.isForbidden ? .noPermission : .configuration, error.description,
            remedy: error.isForbidden
                ? "run this as root: the configuration and its secrets are not for everybody"
                : "correct it and try again; customersctl check says when it is good")
    }

    /// Does something on a loop of its own that runs on the calling thread until it is done.
    func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (AdminBench) async throws -> Value
    ) throws(AdminError) -> Value {
        let configuration = try configuration()
        let box = Box<Value>()
        do {
            let loop = try EventLoop(name: "customersctl")
            Task(executorPreference: loop) {
                do {
                    let bench = try await AdminBench(configuration, file: path, loop: loop)
                    defer { bench.worker.redis.stop() }
                    box.result = .success(try await body(bench))
                } catch {
                    box.result = .failure(AdminError(error))
                }
                loop.stop()
            }
            loop.run()
        } catch {
            throw AdminError(error)
        }
        guard let result = box.result else { throw AdminError(.unavailable, "the event loop ended early") }
        return try result.get()
    }

    /// Carries the result out of its task.
    // @unchecked: the task runs on a loop that runs on the thread which reads the result afterwards.
    private final class Box<Value: Sendable>: @unchecked Sendable {
        var result: Result<Value, AdminError>?
    }
}

extension AdminError {
    /// What an error from below means to an admin.
    init(_ error: any Error) {
        switch error {
        case let error as AdminError: self = error
        case let error as ConfigurationError: self.init(.configuration, error.description)
        case let error as StoreError:
            self.init(.unavailable, error.message, remedy: "customersctl doctor says more")
        case let error as ChatBackendError: self.init(chat: error)
        case let error as CustomersError:
            switch error {
            case .notFound: self.init(.refused, "there is no such room")
            case .conflict(let reason): self.init(.refused, reason)
            case .busy: self.init(.refused, "a call of this customer is being served", remedy: "try again in a moment")
            default: self.init(.refused, "\(error)")
            }
        default: self.init(.unavailable, "\(error)")
        }
    }

    private init(chat error: ChatBackendError) {
        switch error {
        case .refused(let code):
            self.init(
                .refused, "the chat server refuses it (\(code))",
                remedy: "customersctl doctor says which right the gateway's account lacks")
        case .rateLimited:
            self.init(.unavailable, "the chat server's rate limit is used up", remedy: "try again in a minute")
        default: self.init(.unavailable, "\(error)", remedy: "customersctl doctor says more")
        }
    }
}
