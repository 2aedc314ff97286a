import ChatBackend
import Customers
import HTTPMessage

extension JSONValue {
    /// A number of seconds; `null` when it is not known.
    static func seconds(_ value: Int?) -> JSONValue { value.map { .int(Int64($0)) } ?? .null }
}

extension HTTPResponse {
    /// What `client_connect` and `Transfer` answer: the contract's keys, with `state` and `resumed` added.
    static func session(_ answer: SessionAnswer, base: String) -> HTTPResponse {
        .json([
            "agent_id": .string(answer.agentID), "base": .string(base), "config": .raw(answer.settings.config),
            "customer_name": .string(answer.account.name), "group_name": .string(answer.session.groupName),
            "id": .string(answer.account.id), "rid": .string(answer.session.rid), "status": "success",
            "template": .string(answer.settings.template), "timeout": .int(Int64(answer.settings.timeout)),
            "token": .string(answer.token), "user_id": .string(answer.userID), "wait": .int(Int64(answer.wait)),
            "wait_seconds": .seconds(answer.waitSeconds), "state": .string(answer.session.state.rawValue),
            "resumed": .bool(answer.isResumed),
        ])
    }
}
