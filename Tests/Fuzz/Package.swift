// swift-tools-version: 6.2
// Fuzz targets. A package of its own, so that the gateway's has nothing that only attacks it. `make fuzz` builds it
// with the flags that it needs: see `run`.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func gateway(_ name: String) -> Target.Dependency { .product(name: name, package: "customers-gateway") }

func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: ["FuzzDriver"] + dependencies, swiftSettings: settings)
}

let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "customers-gateway", path: "../..")],
    targets: [
        .target(name: "CLibFuzzer"),
        // What all of them share: hands libFuzzer's inputs to a Swift closure.
        .target(name: "FuzzDriver", dependencies: ["CLibFuzzer"], swiftSettings: settings),
        // Any bytes in a socket.
        fuzz("gate", [gateway("FastCGIProtocol")]),
        // The same bytes as the gate and libfcgi see them.
        fuzz("libfcgi", [gateway("FastCGI"), gateway("FastCGIProtocol"), gateway("HTTPMessage")]),
        // Query strings, forms, multipart and JSON bodies.
        fuzz("fields", [gateway("HTTPMessage")]),
        // What a Redis server, Sentinel or cluster node answers.
        fuzz("redis", [gateway("EventLoop"), gateway("RedisClient")]),
        // What a chat server answers.
        fuzz("chat", [gateway("HTTPClient"), gateway("HTTPMessage"), gateway("RocketChatBackend")]),
        // customersd.yaml and the tenants' files.
        fuzz("configuration", [gateway("Gateway")]),
    ]
)
