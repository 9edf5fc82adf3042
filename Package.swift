// swift-tools-version:6.2
// The ladder of areas, lowest first: a target may use those above it and no other, and the compiler
// refuses a cycle. Base → Store → (StoreSQLite, StorePostgres, Web → Spreadsheet) → People → ServiceLevels →
// InstalledBase → Inventory → Tickets → fettle.
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")

let package = Package(
    name: "Fettle",
    products: [.executable(name: "fettle", targets: ["fettle"])],
    dependencies: [
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    ],
    targets: [
        // Parts from outside
        .systemLibrary(
            name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(
            name: "CXlsx", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
        .systemLibrary(
            name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(name: "CPQ", providers: [.apt(["libpq-dev"])]),
        .target(name: "Assets", cSettings: [.unsafeFlags(["-std=gnu23"])]),

        // The kit
        .target(name: "Base", dependencies: ["Assets", "CSodium"], swiftSettings: strict),
        .target(name: "Store", dependencies: ["Base"], swiftSettings: strict),
        .target(
            name: "StoreSQLite",
            dependencies: [
                "Base", "Store", nioPosix,
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ], swiftSettings: strict),
        .target(
            name: "StorePostgres", dependencies: ["Base", "Store", "CPQ", nioPosix], swiftSettings: strict),
        .target(
            name: "Web",
            dependencies: [
                "Base", "Store", "CQREncode", hummingbird, lifecycle, logging, nioCore, nioPosix, nioHTTP1,
                httpTypes,
            ],
            swiftSettings: strict),

        .target(name: "Spreadsheet", dependencies: ["Base", "Web", "CXlsx"], swiftSettings: strict),

        // Areas
        .target(name: "People", dependencies: ["Base", "Store", "Web", nioPosix], swiftSettings: strict),
        .target(
            name: "ServiceLevels", dependencies: ["Base", "Store", "Web", "People"],
            swiftSettings: strict),
        .target(
            name: "InstalledBase",
            dependencies: ["Base", "Store", "Web", "People", "ServiceLevels", "Spreadsheet"],
            swiftSettings: strict),
        .target(
            name: "Inventory",
            dependencies: ["Base", "Store", "Web", "People", "InstalledBase", "Spreadsheet"],
            swiftSettings: strict),
        .target(
            name: "Tickets",
            dependencies: [
                "Base", "Store", "Web", "People", "ServiceLevels", "InstalledBase", "Inventory",
                "Spreadsheet",
            ],
            swiftSettings: strict),

        // Composition
        .executableTarget(
            name: "fettle",
            dependencies: [
                "Base", "Store", "StoreSQLite", "StorePostgres", "Web", "People", "ServiceLevels",
                "InstalledBase", "Inventory", "Tickets", "Spreadsheet", arguments, lifecycle, signals,
                logging, hummingbird,
            ],
            swiftSettings: strict),

        .executableTarget(
            name: "fettle-bench",
            dependencies: [
                "Base", "Store", "StoreSQLite", "StorePostgres", "Web", "People", "ServiceLevels",
                "Inventory", "Tickets", lifecycle,
                logging,
                hummingbird, httpTypes, .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),

        // Tests
        .target(
            name: "TestKit",
            dependencies: [
                "Base", "Store", "StoreSQLite", "StorePostgres", "Web", "People", lifecycle, logging,
            ],
            path: "Tests/TestKit", swiftSettings: strict),
        .testTarget(
            name: "DemoTests",
            dependencies: ["fettle", "Base", "Inventory", "Store", "StoreSQLite", "Tickets", "TestKit"],
            swiftSettings: strict),
        .testTarget(name: "BaseTests", dependencies: ["Base", "TestKit"], swiftSettings: strict),
        .testTarget(
            name: "ServiceLevelsTests", dependencies: ["Base", "ServiceLevels"], swiftSettings: strict),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "Base", "Store", "StoreSQLite", "People", "ServiceLevels", "Tickets", "Spreadsheet",
                "TestKit",
            ], swiftSettings: strict),
        .testTarget(
            name: "InventoryTests",
            dependencies: [
                "Base", "Store", "StoreSQLite", "Web", "People", "ServiceLevels", "Inventory", "TestKit",
                "fettle",
            ], swiftSettings: strict),
        .testTarget(
            name: "TicketsTests", dependencies: ["Base", "ServiceLevels", "Tickets"], swiftSettings: strict),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Base", "Store", "StoreSQLite", "StorePostgres", "TestKit"],
            swiftSettings: strict),
        .testTarget(
            name: "InstalledBaseTests",
            dependencies: [
                "Base", "Store", "Web", "People", "ServiceLevels", "InstalledBase", "Spreadsheet", "TestKit",
                "fettle",
            ], swiftSettings: strict),
        .testTarget(name: "TidyTests", dependencies: ["Base"], swiftSettings: strict),
        .testTarget(
            name: "AccessTests",
            dependencies: [
                "Base", "Store", "StoreSQLite", "Web", "People", "ServiceLevels", "InstalledBase",
                "Inventory", "Tickets",
                "TestKit", "fettle",
            ], swiftSettings: strict),
        .testTarget(
            name: "PeopleTests",
            dependencies: ["Base", "Store", "StoreSQLite", "Web", "People", "TestKit"],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
