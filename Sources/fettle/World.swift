import ArgumentParser
import Base
import Foundation
import ServiceLevels
import Store
import StorePostgres
import StoreSQLite
import Tickets

/// Where the data lies: the same options and environment for every command.
struct Place: ParsableArguments {
    @Option(help: "Folder of the data (else FETTLE_DATA, else ./fettle-data).")
    var data: String?
    @Option(
        name: .customLong("database-url"),
        help: "A PostgreSQL database instead: postgres://user@host/name (else FETTLE_DATABASE_URL).")
    var databaseURL: String?

    /// A folder with one file, or a database on a server.
    enum Kind: Equatable {
        case folder(String)
        case server(String)
    }

    /// What was said on the line wins over the environment; of the environment, the server.
    var kind: Kind {
        let environment = ProcessInfo.processInfo.environment
        if let databaseURL { return .server(databaseURL) }
        if let data { return .folder(data) }
        if let url = environment["FETTLE_DATABASE_URL"], !url.isEmpty { return .server(url) }
        return .folder(environment["FETTLE_DATA"] ?? "./fettle-data")
    }

    func validate() throws {
        guard data == nil || databaseURL == nil else {
            throw ValidationError(Terminal.sentence(Failure(.invalid, "place.two")))
        }
        if isMistaken { throw ValidationError(Terminal.sentence(Place.mistake)) }
    }

    /// An address of another kind is no folder, and what is no address is no server.
    private var isMistaken: Bool {
        switch kind {
        case .server(let url): !PostgresAddress.isOne(url)
        case .folder(let path): Place.isAddress(path)
        }
    }
    private static let mistake = Failure(.invalid, "place.address")

    /// Whether a name of a file or a folder is an address, with a password in it perhaps.
    static func isAddress(_ path: String) -> Bool { path.contains("://") }

    init() {}
    /// A folder, or a server where it is an address of one.
    init(at text: String) {
        data = nil
        databaseURL = nil
        if Place.isAddress(text) { databaseURL = text } else { data = text }
    }

    /// The folder; of a server there is none.
    var folder: String? { if case .folder(let path) = kind { path } else { nil } }
    /// What the place is called in messages: never with its password.
    var name: String {
        switch kind {
        case .folder(let path): path
        case .server(let url): (try? PostgresAddress(url).shown) ?? "PostgreSQL"
        }
    }
    var database: String { (folder ?? "") + "/fettle.sqlite" }

    /// Whether nothing of Fettle's lies there yet. A server must answer.
    func isEmpty() async throws -> Bool {
        guard !isMistaken else { throw Place.mistake }
        switch kind {
        case .folder: return !FileManager.default.fileExists(atPath: database)
        case .server:
            let engine = try await movable()
            let isEmpty = try await engine.isEmpty()
            await engine.close()
            return isEmpty
        }
    }

    /// Opens the store, made and migrated where it is new.
    func open(clock: @escaping @Sendable () -> Instant = World.now) async throws -> Store {
        try await World.open(try await engine(), clock: clock)
    }

    /// Opens the database; what is wrong names the folder, the file or the server.
    func engine(isDurable: Bool = true, connections: Int = 8) async throws -> any Engine {
        guard !isMistaken else { throw Place.mistake }
        switch kind {
        case .folder: return try file(isDurable: isDurable)
        case .server(let url):
            do {
                return try await PostgresEngine(url: url, connections: connections)
            } catch let error as EngineError {
                throw Failure(
                    error.kind == .unsuitable ? .invalid : .unavailable,
                    error.kind == .unsuitable ? "place.unsuitable" : "place.away",
                    ["place": name, "reason": error.message])
            }
        }
    }

    /// The same, for moving whole worlds.
    func movable() async throws -> any MovableEngine {
        guard let engine = try await engine() as? any MovableEngine else {
            throw Failure(.internal, "internal")
        }
        return engine
    }

    /// The file of a folder.
    func file(isDurable: Bool = true) throws -> SQLiteEngine {
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
        guard let folder else { return }
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
