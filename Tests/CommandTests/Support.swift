import Base
import Foundation
import People
import ServiceLevels
import Store
import StoreSQLite
import Testing
import Tickets

let now = Instant(seconds: 1_772_000_000)

/// A new place of its own with the schema of all areas; gone with the value.
final class Place: Sendable {
    let folder: URL
    let store: Store
    var database: String { folder.appendingPathComponent("fettle.db").path }

    init() async throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("fettle-test-" + Secrets.token().prefix(12))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let engine = try SQLiteEngine(path: folder.appendingPathComponent("fettle.db").path)
        store = Store(engine: engine, clock: { now })
        try await store.migrate(
            StoreMigrations.all + People.migrations + LevelsMigrations.all + TicketMigrations.all)
        try await store.write(by: .system("test")) { tx in try ServiceLevels.seed(tx) }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ name: String, _ text: String) throws -> String {
        let path = folder.appendingPathComponent(name).path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await store.read(by: .system("test"), body)
    }

    /// Changes the database behind everybody's back.
    func damage(_ sql: SQL) async throws {
        _ = try await store.engine.write { try $0.execute(sql) }
    }
}

/// The root of the package.
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// The folder of public data beside the package; nil where it is not there.
let sharedData: URL? = {
    let url = root.deletingLastPathComponent().appendingPathComponent("shared/data")
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
}()

func incidentMap() throws -> IncidentMap {
    let data = try Data(contentsOf: root.appendingPathComponent("Examples/incident-log.map.json"))
    return try IncidentMap(json: JSON.parse(data))
}
