// swift-tools-version: 6.2
import PackageDescription

// For targets that see Hummingbird. It brings a second owner of `struct stat` and `timespec` (CNIOLinux), and
// MemberImportVisibility then asks files that import Glibc to import that one too.
let serverSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]
let swiftSettings = serverSettings + [.enableUpcomingFeature("MemberImportVisibility")]

let cSettings: [CSetting] = [.unsafeFlags(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O3"])]

// The NIO products that clients and servers of HTTP and WebSocket are made of.
let network: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOHTTP1", package: "swift-nio"),
  .product(name: "NIOWebSocket", package: "swift-nio"),
  .product(name: "NIOSSL", package: "swift-nio-ssl"),
]
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

// `make conformance` adds an echo server, which is in no other build.
let conformance: [Target] =
  Context.environment["BETTERBOT_CONFORMANCE"] == "1"
  ? [
    .executableTarget(
      name: "betterbot-echo",
      dependencies: [
        "Broadcast", .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      path: "Tests/Conformance/Echo", swiftSettings: swiftSettings)
  ] : []

let package = Package(
  name: "betterbot",
  products: [
    .executable(name: "betterbot", targets: ["betterbot"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // C: the memory layout of an order, the byte searches of the scanner, and the sandboxed Lua VM.
    .target(name: "COrderFlow", cSettings: cSettings),
    .target(name: "CScan", cSettings: cSettings),
    .target(name: "CRuleVM", dependencies: ["CLua", "COrderFlow"], cSettings: cSettings),

    // The house, bottom up.
    .target(name: "Files", swiftSettings: swiftSettings),
    .target(
      name: "Documents", dependencies: ["Wire", .product(name: "Yams", package: "Yams")],
      swiftSettings: swiftSettings),
    .target(name: "OrderFlow", dependencies: ["COrderFlow"], swiftSettings: swiftSettings),
    .target(
      name: "Wire", dependencies: ["OrderFlow", "COrderFlow", "CScan"], swiftSettings: swiftSettings),
    .target(
      name: "RuleEngine",
      dependencies: [
        "OrderFlow", "COrderFlow", "CRuleVM", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "RuleKit", dependencies: ["Documents", "RuleEngine", "Files", "Wire", "OrderFlow", "COrderFlow"],
      // The editor types and the reference are made from it.
      resources: [.embedInCode("API/api.json")], swiftSettings: swiftSettings),
    .target(
      name: "Journal", dependencies: ["OrderFlow", "COrderFlow", "CSQLite"], swiftSettings: swiftSettings),
    .target(name: "Net", dependencies: network + ["CCurl"], swiftSettings: swiftSettings),
    .target(
      name: "Feeds",
      dependencies: [
        "Net", "Wire", "OrderFlow", "COrderFlow", "CZlib", logging,
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Broadcast",
      dependencies: network + [
        "Files", "Journal", "Net", "Wire", "OrderFlow", "COrderFlow", logging, metrics, crypto,
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "JWTKit", package: "jwt-kit"),
      ],
      // What the API promises is part of the program, not a file beside it.
      resources: [.embedInCode("OpenAPI/openapi.json")],
      swiftSettings: serverSettings),
    .target(
      name: "Simulator",
      dependencies: network + ["Documents", "Feeds", "Wire", "OrderFlow", "COrderFlow", logging],
      swiftSettings: swiftSettings),
    .target(
      name: "Pipeline",
      dependencies: [
        "Documents", "Files", "Broadcast", "RuleKit", "RuleEngine", "Journal", "Feeds", "Net", "Wire",
        "OrderFlow", "COrderFlow", logging, metrics, crypto,
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: serverSettings),
    .executableTarget(
      name: "betterbot",
      dependencies: [
        "Documents", "Files", "Pipeline", "Broadcast", "Simulator", "Feeds", "Net", "Wire", "OrderFlow",
        "Journal", "RuleEngine", "RuleKit", logging, metrics,
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      resources: [.embedInCode("Resources/betterbot.example.yaml")],
      swiftSettings: serverSettings),

    // Benchmarks: the scanner against C and Foundation, and what the engine adds.
    .target(
      name: "CReferenceScanner", dependencies: ["COrderFlow", "CScan"], path: "Benchmarks/CReferenceScanner",
      cSettings: cSettings),
    .executableTarget(
      name: "betterbot-micro",
      dependencies: ["CReferenceScanner", "COrderFlow", "OrderFlow", "Wire", "RuleEngine", "Journal"],
      path: "Benchmarks/Micro", swiftSettings: swiftSettings),
    // And the live path: latency, load and memory over loopback.
    .executableTarget(
      name: "betterbot-live-bench",
      dependencies: [
        "Pipeline", "Broadcast", "Feeds", "Journal", "RuleEngine", "Wire", "OrderFlow", "COrderFlow", logging,
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Benchmarks/Live", swiftSettings: serverSettings),

    // Tests mirror the targets; what several of them need is here.
    .target(
      name: "TestSupport", dependencies: ["CZlib"], path: "Tests/TestSupport", swiftSettings: swiftSettings),
    .testTarget(
      name: "OrderFlowTests", dependencies: ["OrderFlow", "COrderFlow"], swiftSettings: swiftSettings),
    .testTarget(name: "DocumentsTests", dependencies: ["Documents"], swiftSettings: swiftSettings),
    .testTarget(
      name: "WireTests", dependencies: ["Wire", "OrderFlow", "COrderFlow"], swiftSettings: swiftSettings),
    .testTarget(
      name: "RuleEngineTests", dependencies: ["RuleEngine", "OrderFlow", "COrderFlow", "CRuleVM"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "RuleKitTests",
      dependencies: ["Documents", "RuleKit", "RuleEngine", "Wire", "OrderFlow", "COrderFlow", "CLua"],
      swiftSettings: swiftSettings),
    .testTarget(name: "HouseTests", swiftSettings: swiftSettings),
    .testTarget(
      name: "JournalTests", dependencies: ["Journal", "OrderFlow", "COrderFlow"], swiftSettings: swiftSettings
    ),
    .testTarget(
      name: "NetTests", dependencies: network + ["TestSupport", "Net", "CZlib"], swiftSettings: swiftSettings),
    .testTarget(
      name: "FeedsTests",
      dependencies: ["TestSupport", "Feeds", "Net", "Wire", "OrderFlow", "COrderFlow", "CZlib"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "BroadcastTests",
      dependencies: network + [
        "TestSupport",
        "Broadcast", "Journal", "Net", "Wire", "OrderFlow", "COrderFlow", logging, metrics, crypto,
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "JWTKit", package: "jwt-kit"),
      ],
      swiftSettings: serverSettings),
    .testTarget(
      name: "SimulatorTests",
      dependencies: network + ["Documents", "Simulator", "Feeds", "Wire", "OrderFlow", "COrderFlow"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "PipelineTests",
      dependencies: [
        "TestSupport",
        "Pipeline", "Broadcast", "RuleEngine", "RuleKit", "Journal", "Feeds", "Net", "Simulator", "Wire",
        "OrderFlow",
        "COrderFlow",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        logging,
      ],
      swiftSettings: serverSettings),
    .testTarget(
      name: "BetterBotTests",
      dependencies: [
        "betterbot", "Documents", "Pipeline", "Journal", "RuleEngine", "RuleKit", "Feeds", "Wire",
        "OrderFlow",
        "COrderFlow", logging,
      ],
      swiftSettings: serverSettings),
    // Runs the built program, as its users do.
    .testTarget(
      name: "EndToEndTests", dependencies: ["TestSupport", "betterbot", "Pipeline", "Journal", "OrderFlow"],
      swiftSettings: serverSettings),
  ] + conformance
)
