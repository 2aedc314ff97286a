// swift-tools-version: 6.2
// The targets, lowest layer first. A target imports only what its line names; arrows point down only.
import PackageDescription

/// Every target is checked the same way; the command line adds `-warnings-as-errors` (see the Makefile).
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Async code runs where its caller runs: no hop off the loop and back.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let flyingFox = Target.Dependency.product(name: "FlyingFox", package: "FlyingFox")
let flyingSocks = Target.Dependency.product(name: "FlyingSocks", package: "FlyingFox")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "customers-gateway",
    products: [
        .executable(name: "customersd", targets: ["customersd"]),
        .executable(name: "customersctl", targets: ["customersctl"]),
        .executable(name: "devchat", targets: ["devchat"]),
        // What Benchmarks/, a package of its own, measures by itself.
        .library(
            name: "GatewayParts",
            targets: [
                "Customers", "CustomersAPI", "CustomersRedis", "EventLoop", "FastCGI", "FastCGIProtocol", "HTTPClient",
                "HTTPMessage", "RedisClient", "RocketChatBackend",
            ]),
    ]
        // What Tests/Fuzz/, a package of its own, fuzzes: each target by itself, so that a fuzzer has nothing else in
        // it.
        + [
            "EventLoop", "FastCGI", "FastCGIProtocol", "Gateway", "HTTPClient", "HTTPMessage", "RedisClient",
            "RocketChatBackend",
        ].map { .library(name: $0, targets: [$0]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // 0: system libraries
        .systemLibrary(name: "CFCGI", providers: [.apt(["libfcgi-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CLibevent", providers: [.apt(["libevent-dev"])]),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        // 1: no knowledge of each other
        library("EventLoop", ["CLibevent"]),
        library("FastCGIProtocol"),
        library("HTTPMessage"),
        library("ChatBackend"),
        library("Telemetry", [logging, metrics]),
        // 2: sockets
        library("FastCGI", ["CFCGI", "EventLoop", "FastCGIProtocol", "HTTPMessage", logging, metrics]),
        library("RedisClient", ["CHiredis", "EventLoop", logging, metrics]),
        library("HTTPClient", ["CCurl", "EventLoop", logging]),
        // 3: the domain, and the chat servers it can speak to
        library("Customers", ["ChatBackend", crypto, logging]),
        library("RocketChatBackend", ["ChatBackend", "HTTPClient", "HTTPMessage", logging, metrics]),
        // 4: the domain's edges
        library(
            "CustomersAPI", ["ChatBackend", "Customers", "HTTPMessage", jwtKit, crypto, logging, metrics],
            resources: [.embedInCode("openapi.yaml")]),
        library(
            "CustomersRedis", ["ChatBackend", "Customers", "EventLoop", "RedisClient"],
            resources: [
                .embedInCode("Agents/agent_absence.lua"),
                .embedInCode("Agents/agent_sessions.lua"),
                .embedInCode("Agents/begin_absences.lua"),
                .embedInCode("Agents/look_presence.lua"),
                .embedInCode("Agents/note_absences.lua"),
                .embedInCode("Agents/save_presence.lua"),
                .embedInCode("Agents/set_paused.lua"),
                .embedInCode("Customers/find_customer.lua"),
                .embedInCode("Customers/keep_lock.lua"),
                .embedInCode("Customers/lock_opening.lua"),
                .embedInCode("Customers/save_customer.lua"),
                .embedInCode("Customers/unlock.lua"),
                .embedInCode("Idempotency/begin_call.lua"),
                .embedInCode("Idempotency/end_call.lua"),
                .embedInCode("Limits/take_token.lua"),
                .embedInCode("Reconcile/begin_reconcile.lua"),
                .embedInCode("Reconcile/settle_room.lua"),
                .embedInCode("RoomSessions/agent_rooms.lua"),
                .embedInCode("RoomSessions/assign_room.lua"),
                .embedInCode("RoomSessions/begin_close.lua"),
                .embedInCode("RoomSessions/enqueue_room.lua"),
                .embedInCode("RoomSessions/find_room.lua"),
                .embedInCode("RoomSessions/finish_close.lua"),
                .embedInCode("RoomSessions/keep_promotion.lua"),
                .embedInCode("RoomSessions/let_go.lua"),
                .embedInCode("RoomSessions/log_transfer.lua"),
                .embedInCode("RoomSessions/move_room.lua"),
                .embedInCode("RoomSessions/note_visitor.lua"),
                .embedInCode("RoomSessions/open_room.lua"),
                .embedInCode("RoomSessions/promote_next.lua"),
                .embedInCode("RoomSessions/release_agent.lua"),
                .embedInCode("RoomSessions/return_room.lua"),
                .embedInCode("RoomSessions/take_agent.lua"),
                .embedInCode("RoomSessions/touch_room.lua"),
                .embedInCode("RoomSessions/undo_promotion.lua"),
                .embedInCode("Sweep/begin_sweep.lua"),
                .embedInCode("Sweep/end_opening.lua"),
                .embedInCode("Sweep/free_opening.lua"),
                .embedInCode("Sweep/lapsed_opening.lua"),
                .embedInCode("Sweep/postpone_room.lua"),
                .embedInCode("Sweep/renew_lease.lua"),
                .embedInCode("whole_tenant.lua"),
            ]),
        // 5: built once, started, reloaded, drained
        library(
            "Gateway",
            [
                "ChatBackend", "Customers", "CustomersAPI", "CustomersRedis", "EventLoop", "FastCGI", "FastCGIProtocol",
                "HTTPClient", "HTTPMessage", "RedisClient", "RocketChatBackend", "Telemetry", crypto, logging, metrics,
                yams,
            ]),
        library("DevChatServer", [flyingFox, flyingSocks]),
        // 6: executables
        executable("customersd", ["Gateway", argumentParser]),
        executable("customersctl", ["Gateway", argumentParser]),
        executable("devchat", ["DevChatServer", argumentParser]),
        // Tests; what several of them need is in TestSupport
        .target(
            name: "TestSupport", dependencies: ["ChatBackend", "Customers", "EventLoop"], path: "Tests/TestSupport",
            swiftSettings: settings),
        tests("EventLoopTests", ["EventLoop", "TestSupport"]),
        tests("FastCGIProtocolTests", ["FastCGIProtocol"]),
        tests("HTTPMessageTests", ["HTTPMessage"]),
        tests("TelemetryTests", ["Telemetry", logging, metrics]),
        tests("FastCGITests", ["EventLoop", "FastCGI", "FastCGIProtocol", "HTTPMessage", "TestSupport", logging]),
        tests("RedisClientTests", ["EventLoop", "RedisClient", "TestSupport", logging]),
        tests("HTTPClientTests", ["EventLoop", "HTTPClient", "TestSupport"]),
        tests("CustomersTests", ["ChatBackend", "Customers", "TestSupport", crypto, logging]),
        tests(
            "RocketChatBackendTests",
            ["ChatBackend", "EventLoop", "HTTPClient", "HTTPMessage", "RocketChatBackend", "TestSupport", logging]),
        tests(
            "ChatBackendTests",
            [
                "ChatBackend", "DevChatServer", "EventLoop", "HTTPClient", "HTTPMessage", "RocketChatBackend",
                "TestSupport",
            ]),
        tests(
            "CustomersAPITests",
            ["ChatBackend", "Customers", "CustomersAPI", "HTTPMessage", "TestSupport", crypto, jwtKit, logging]),
        tests(
            "CustomersRedisTests",
            ["ChatBackend", "Customers", "CustomersRedis", "EventLoop", "RedisClient", "TestSupport", logging]),
        tests("GatewayTests", ["CustomersRedis", "EventLoop", "Gateway", "HTTPMessage", "TestSupport", logging]),
        tests("DevChatServerTests", ["DevChatServer", flyingSocks]),
        tests("IntegrationTests", ["EventLoop", "RedisClient", "TestSupport", logging]),
        tests("EndToEndTests", ["TestSupport", crypto, yams, "customersctl", "customersd", "devchat"]),
        tests("LayoutTests", []),
    ]
)
