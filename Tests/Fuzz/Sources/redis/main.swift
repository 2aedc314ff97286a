// What a Redis server, a Sentinel or a cluster's node answers: through a real connection with hiredis and the guard in
// front of it, then through all that reads replies.
import EventLoop
import FuzzDriver
import Glibc

@testable import RedisClient

let server = RedisPeer()
let loop: EventLoop
do { loop = try EventLoop() } catch { fatalError("\(error)") }

Fuzzing.run { bytes in
    let exchange = Exchange(FuzzInput(bytes), loop: loop, server: server)
    loop.execute { exchange.start() }
    loop.run()
    exchange.check()
}
