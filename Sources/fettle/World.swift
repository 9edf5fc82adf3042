import ArgumentParser
import Base
import Foundation
import ServiceLevels
import Store
import StoreSQLite
import Tickets

/// Where the data lies: the same options and environment for every command.
struct Place: ParsableArguments {
    @Option(help: "Folder of the data (else FETTLE_DATA, else ./fettle-data).")
    var data: String?

    var folder: String { data ?? ProcessInfo.processInfo.environment["FETTLE_DATA"] ?? "./fettle-data" }
    var database: String { folder + "/fettle.sqlite" }
    var isEmpty: Bool { !FileManager.default.fileExists(atPath: database) }

    /// Opens the store, made and migrated where it is new.
    func open(clock: @escaping @Sendable () -> Instant = World.now) async throws -> Store {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let engine = try SQLiteEngine(path: database)
        return try await World.open(engine, clock: clock)
    }
}

/// A store with the schema of all areas and what a house begins with.
enum World {
    /// The one place that reads the system's clock.
    static let now: @Sendable () -> Instant = {
        Instant(ms: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    static func open(_ engine: any Engine, clock: @escaping @Sendable () -> Instant = now) async throws
        -> Store
    {
        let store = Store(engine: engine, clock: clock, heard: Set(Areas.handlers.map(\.kind)))
        try await store.migrate(Areas.migrations)
        try await store.write(by: .system("setup")) { try ServiceLevels.seed($0) }
        return store
    }
}
