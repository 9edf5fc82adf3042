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
    @Option(name: .customLong("database-url"), help: "A PostgreSQL database; this build knows none yet.")
    var databaseURL: String?

    /// A database that was asked for and is not used would be a silent loss of data.
    func validate() throws {
        let asked = databaseURL ?? ProcessInfo.processInfo.environment["FETTLE_DATABASE_URL"] ?? ""
        guard databaseURL == nil, asked.isEmpty else {
            throw ValidationError(Terminal.sentence(Failure(.invalid, "place.no_postgresql")))
        }
    }

    var folder: String { data ?? ProcessInfo.processInfo.environment["FETTLE_DATA"] ?? "./fettle-data" }
    var database: String { folder + "/fettle.sqlite" }
    var isEmpty: Bool { !FileManager.default.fileExists(atPath: database) }

    /// Opens the store, made and migrated where it is new.
    func open(clock: @escaping @Sendable () -> Instant = World.now) async throws -> Store {
        try await World.open(try engine(), clock: clock)
    }

    /// Opens the database; what is wrong names the folder or the file.
    func engine(isDurable: Bool = true) throws -> SQLiteEngine {
        try make()
        do {
            return try SQLiteEngine(path: database, isDurable: isDurable)
        } catch let error as EngineError where error.kind != .busy {
            throw EngineError(error.kind, "\(database): \(error.message)")
        }
    }

    /// Makes the folder where there is none, for its owner alone: hashes of passwords lie in it. 422
    /// `place.unwritable`.
    func make() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw Failure(.invalid, "place.unwritable", ["file": folder]) }
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
