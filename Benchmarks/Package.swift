// swift-tools-version: 6.2
// What the benchmarks need in Swift. A package of its own, so that the gateway's has nothing that only measures it.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let parts = Target.Dependency.product(name: "GatewayParts", package: "customers-gateway")

let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "customers-gateway", path: "..")],
    targets: [
        // The daemon's loops, gate and libfcgi with nothing behind them.
        .executableTarget(name: "constant", dependencies: [parts], swiftSettings: settings),
        // Counts calls of malloc and its kin.
        .target(name: "AllocationCounter"),
        // One part of the hot path at a time.
        .executableTarget(name: "micro", dependencies: [parts, "AllocationCounter"], swiftSettings: settings),
    ]
)
