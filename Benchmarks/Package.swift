// swift-tools-version: 6.2
// What the benchmarks need in Swift. A package of its own, so that the gateway's has nothing that only measures it.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Async code runs where its caller runs: no hop off the loop and back.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let parts = Target.Dependency.product(name: "GatewayParts", package: "customers-gateway")
// The programs that are measured, so that one build makes everything.
let programs = ["customersd", "devchat"].map { Target.Dependency.product(name: $0, package: "customers-gateway") }

let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "customers-gateway", path: "..")],
    targets: [
        // The daemon's loops, gate and libfcgi with nothing behind them.
        .executableTarget(name: "constant", dependencies: [parts] + programs, swiftSettings: settings),
        // Counts calls of malloc and its kin.
        .target(name: "AllocationCounter"),
        // One part of the hot path at a time.
        .executableTarget(name: "micro", dependencies: [parts, "AllocationCounter"], swiftSettings: settings),
    ]
)
