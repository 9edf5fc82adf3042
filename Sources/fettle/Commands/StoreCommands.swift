import ArgumentParser
import Base
import Foundation
import Store
import StoreSQLite
import Web

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the whole database into a new file, while it serves.")

    @OptionGroup var place: Place
    @Argument(help: "The new file.", completion: .file()) var file: String

    func run() async throws {
        try await Terminal.run {
            guard try await !place.isEmpty() else {
                throw Failure(.notFound, "place.no_data", ["file": place.name])
            }
            guard !Place.isAddress(file) else { throw Failure(.invalid, "place.file") }
            let store = try await place.open()
            try await Terminal.writing(file, replaces: false) { try await Backup.write(store, to: $0) }
            await store.engine.close()
            let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
            Terminal.note("\(file): \((size ?? 0) / 1024) KiB")
        }
    }
}

/// A backup is one SQLite file, whatever the engine: it can be restored into either.
enum Backup {
    static func write(_ store: Store, to path: String) async throws {
        if let file = store.engine as? SQLiteEngine { return try await file.backup(to: path) }
        // A backup that was not made must never look like one.
        guard let engine = store.engine as? any MovableEngine else { throw Failure(.internal, "internal") }
        let copy = try SQLiteEngine(path: path, isDurable: false)
        do {
            _ = try await Moving.run(from: engine, to: copy, clock: store.clock)
            try copy.makeDurable()
            try copy.endLog()
        } catch {
            await copy.close()
            removeLog(path)
            throw error
        }
        await copy.close()
        removeLog(path)
    }

    /// The file is all there is: what lay beside it has been carried into it.
    private static func removeLog(_ path: String) {
        for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Takes a backup into an empty place.",
        discussion: """
            Whoever was signed in when the backup was made is not signed in any more, and links sent \
            until then to reset a password or to rate a ticket no longer work. Personal tokens of then \
            have ended too, for some may have been revoked since: each is made anew.
            """)

    @OptionGroup var place: Place
    @Argument(help: "A file made by backup.", completion: .file()) var file: String

    func run() async throws {
        try await Terminal.run {
            guard !Place.isAddress(file) else { throw Failure(.invalid, "place.file") }
            guard try await isFree() else {
                throw Failure(.conflict, "place.not_empty", ["file": place.name])
            }
            guard FileManager.default.isReadableFile(atPath: file) else {
                throw Failure(.notFound, "file.unreadable", ["file": file])
            }
            switch place.kind {
            case .folder: try await intoFolder()
            case .server: try await intoServer()
            }
            Terminal.note("restored into \(place.name)")
        }
    }

    /// Empty, or a database in which a move was interrupted.
    private func isFree() async throws -> Bool {
        if try await place.isEmpty() { return true }
        guard place.folder == nil else { return false }
        let engine = try await place.movable()
        let store = Store(engine: engine, clock: World.now)
        let state = try? await store.read(by: .system("restore")) { try $0.schemaState(Areas.migrations) }
        await engine.close()
        return state?.isMoving ?? false
    }

    private func intoFolder() async throws {
        try place.make()
        // The place stays empty until the copy is found sound and its links are void.
        try await prepared(beside: place.database) { part in
            guard try await place.isEmpty(), link(part, place.database) == 0 else {
                throw Failure(.conflict, "place.not_empty", ["file": place.name])
            }
        }
    }

    /// What was interrupted goes on where the same is asked for again.
    private func intoServer() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fettle-" + UUID().uuidString)
            .path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await prepared(beside: folder + "/fettle.sqlite") { part in
            let copy = try SQLiteEngine(path: part)
            let engine = try await place.movable()
            do {
                _ = try await Moving.run(from: copy, to: engine, clock: World.now)
            } catch {
                await engine.close()
                await copy.close()
                throw error
            }
            await engine.close()
            await copy.close()
        }
    }

    /// A copy of the backup, found sound and with its links void; gone when the body has returned.
    private func prepared(beside path: String, _ body: (_ part: String) async throws -> Void) async throws {
        let manager = FileManager.default
        let part = path + ".part"
        let leftovers = [part, part + "-wal", part + "-shm", part + "-journal"]
        for path in leftovers { try? manager.removeItem(atPath: path) }
        defer { for path in leftovers { try? manager.removeItem(atPath: path) } }
        try manager.copyItem(atPath: file, toPath: part)
        do {
            try await Restoring.prepare(part)
        } catch let error as EngineError {
            throw Failure(.invalid, "backup.unsound", ["file": file, "reason": error.message])
        }
        try await body(part)
    }
}

/// What turns a copy of a backup into a place to work in.
enum Restoring {
    static func prepare(_ path: String) async throws {
        let engine = try SQLiteEngine(path: path)
        do {
            let problems = try await engine.read { connection in
                var out: [String] = []
                try connection.query("pragma integrity_check") { r in
                    let line = r.text()
                    if line != "ok" { out.append(line) }
                    return out.count < 3
                }
                var isOurs = false
                try connection.query("select 1 from sqlite_master where name = 'schema_migration'") { _ in
                    isOurs = true
                    return false
                }
                if !isOurs { out.append("no schema") }
                return out
            }
            guard problems.isEmpty else {
                throw EngineError(.corrupt, problems.joined(separator: "; "))
            }
            let store = try await World.open(engine)
            try await store.write(by: .system("restore")) { tx in
                // What opened a door then must not open one now.
                try tx.run("delete from session")
                try tx.run("update api_token set revoked_at = \(tx.now) where revoked_at is null")
                try tx.run("update reset_link set used_at = \(tx.now) where used_at is null")
                try tx.run("update rating_link set used_at = \(tx.now) where used_at is null")
                try tx.record(Fact("house.restored", Subject("house", "house")))
            }
            // The file is what gets a name; nothing may stay in the log beside it.
            try await engine.checkpoint()
        } catch {
            await engine.close()
            throw error
        }
        await engine.close()
    }
}

struct OpenAPICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi", abstract: "Prints the description of the API (OpenAPI 3.1).")

    @OptionGroup var place: Place

    func run() async throws {
        Terminal.out(OpenAPI.document(Areas.routes(), version: Health.version).pretty())
    }
}
