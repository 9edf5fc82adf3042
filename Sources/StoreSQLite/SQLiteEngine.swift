import Base
import Dispatch
import Foundation
import GRDB
import GRDBSQLite
import NIOPosix
import Store

/// SQLite behind the door: WAL, `synchronous=FULL`, many readers, one writer that groups the
/// transactions waiting for it into one durable commit.
public final class SQLiteEngine: Engine {
    public let dialect = Dialect(
        name: .sqlite,
        types: [
            "id": "TEXT", "int": "INTEGER", "text": "TEXT", "blob": "BLOB", "table": "STRICT, WITHOUT ROWID",
            "rowtable": "STRICT",
        ],
        tables: "select name from sqlite_schema where type = 'table'", hasPeers: false)

    let pool: DatabasePool
    private let writer: GroupWriter
    private let threads = NIOThreadPool.singleton

    /// Opens or makes the database file. The folder must exist.
    /// - Parameters:
    ///   - readers: connections that read at the same time; one for each thread that may ask.
    ///   - isDurable: false for a place that is made from nothing and thrown away if that fails: a crash
    ///     of the machine may then lose all of it, until `makeDurable`.
    public init(
        path: String, readers: Int = max(4, ProcessInfo.processInfo.activeProcessorCount),
        isDurable: Bool = true
    ) throws {
        var configuration = GRDB.Configuration()
        configuration.maximumReaderCount = readers
        configuration.busyMode = .timeout(10)
        configuration.label = "fettle"
        configuration.prepareDatabase { db in
            // 8 MiB of pages per connection; of the file itself the first 2 GiB are mapped (SQLite maps no
            // more), so a hot page costs no call.
            try db.execute(
                sql: """
                    PRAGMA cache_size = -8192; PRAGMA mmap_size = 4294967296; PRAGMA foreign_keys = ON;
                    PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
                    """)
        }
        do {
            try SQLiteEngine.keepPrivate(path)
            pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL for WAL after prepareDatabase: an acknowledged write must be on disk.
            // The log is carried into the file every 32 MiB instead of every 4: a page that many commits
            // change is then written there once for all of them. The one writer keeps 48 MiB of pages: what
            // it needs of a file of many GiB lies apart, and mostly beyond what is mapped.
            try pool.writeWithoutTransaction {
                try $0.execute(
                    sql:
                        """
                        PRAGMA synchronous = \(isDurable ? "FULL" : "OFF"); PRAGMA wal_autocheckpoint = 8000;
                        PRAGMA cache_size = -49152
                        """
                )
            }
        } catch {
            throw SQLiteEngine.translate(error)
        }
        writer = GroupWriter(pool: pool)
    }

    /// Makes the file where there is none, and lets nobody but its owner read it or what lies beside it
    /// (SQLite gives a new log the rights of its database).
    private static func keepPrivate(_ path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw EngineError(.other, "unable to open database file") }
        _ = Foundation.close(file)
        for name in [path, path + "-wal", path + "-shm"] { _ = chmod(name, 0o600) }
    }

    public func read<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        try readNow(body)
    }

    /// On the thread that asks: a read waits for nobody (WAL), and handing it to another thread and back
    /// costs more than most of them.
    private func readNow<T>(_ body: (any Connection) throws -> T) throws -> T {
        do {
            return try pool.read { try body(SQLiteConnection($0)) }
        } catch {
            throw SQLiteEngine.translate(error)
        }
    }

    public func write<T: Sendable>(
        _ kind: WriteKind, _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        try await writer.write(body)
    }

    /// Copies the whole database into a new file while it serves.
    public func backup(to path: String) async throws {
        let pool = pool
        try await threads.runIfActive {
            do {
                try SQLiteEngine.keepPrivate(path)
                let target = try DatabaseQueue(path: path)
                try pool.backup(to: target)
                try target.writeWithoutTransaction { db in
                    _ = try GRDB.Row.fetchAll(db, sql: "PRAGMA journal_mode = DELETE")
                }
                try target.close()
            } catch {
                throw SQLiteEngine.translate(error)
            }
        }
    }

    /// Moves everything that is committed into the database file itself, so that the file alone holds it.
    public func checkpoint() async throws {
        await writer.drain()
        let pool = pool
        try await threads.runIfActive {
            do {
                _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            } catch {
                throw SQLiteEngine.translate(error)
            }
        }
    }

    public func close() async {
        await writer.drain()
        try? pool.close()
    }

    /// Brings everything written so far to the disk; from now on every commit is.
    public func makeDurable() throws {
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            _ = try GRDB.Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }

    /// Ends the log beside the file, so that the file alone can be carried away.
    public func endLog() throws {
        try pool.writeWithoutTransaction { db in
            _ = try GRDB.Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }

    /// 0 OFF, 1 NORMAL, 2 FULL, 3 EXTRA: a test asserts 2.
    public func synchronousMode() throws -> Int {
        try pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1 }
    }

    /// Lets the file grow no further: a test's full disk.
    public func limitPages(to count: Int) throws {
        try pool.writeWithoutTransaction { db in
            _ = try GRDB.Row.fetchAll(db, sql: "PRAGMA max_page_count = \(count)")
        }
    }

    static func translate(_ error: any Error) -> any Error {
        guard let e = error as? DatabaseError else { return error }
        switch e.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: return EngineError(.busy, e.description)
        case .SQLITE_FULL: return EngineError(.diskFull, e.description)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return EngineError(.corrupt, e.description)
        default: return EngineError(.other, e.description)
        }
    }
}

/// One transaction's view of a connection; statements are prepared once per connection and cached.
final class SQLiteConnection: Connection {
    private let db: Database

    init(_ db: Database) { self.db = db }

    func query(_ sql: BoundSQL, _ each: (inout ResultRow) throws -> Bool) throws {
        let statement = try db.cachedStatement(sql: sql.text)
        let raw = statement.sqliteStatement
        sqlite3_reset(raw)
        defer {
            sqlite3_reset(raw)
            sqlite3_clear_bindings(raw)
        }
        try bind(sql.values, raw)
        let source = SQLiteRow(raw)
        while true {
            switch sqlite3_step(raw) {
            case SQLITE_ROW:
                var row = ResultRow(source)
                if try !each(&row) { return }
            case SQLITE_DONE: return
            default: throw failure()
            }
        }
    }

    func execute(_ sql: BoundSQL) throws -> Int {
        try query(sql) { _ in true }
        return Int(sqlite3_changes(db.sqliteConnection))
    }

    func executeScript(_ text: String) throws {
        guard sqlite3_exec(db.sqliteConnection, text, nil, nil, nil) == SQLITE_OK else { throw failure() }
    }

    private func bind(_ values: [Value], _ raw: OpaquePointer) throws {
        for (i, value) in values.enumerated() {
            let index = Int32(i + 1)
            let code: Int32
            switch value {
            case .null: code = sqlite3_bind_null(raw, index)
            case .int(let v): code = sqlite3_bind_int64(raw, index, v)
            case .text(var s):
                code = s.withUTF8 { p in
                    p.withMemoryRebound(to: CChar.self) {
                        sqlite3_bind_text64(
                            raw, index, $0.baseAddress ?? emptyText, UInt64(p.count), transient,
                            UInt8(SQLITE_UTF8))
                    }
                }
            case .blob(let b):
                code = b.withUnsafeBytes {
                    $0.count == 0
                        ? sqlite3_bind_zeroblob(raw, index, 0)
                        : sqlite3_bind_blob64(raw, index, $0.baseAddress, UInt64($0.count), transient)
                }
            }
            guard code == SQLITE_OK else { throw failure() }
        }
    }

    private func failure() -> EngineError {
        let handle = db.sqliteConnection
        let message = String(cString: sqlite3_errmsg(handle))
        let kind: EngineError.Kind
        switch sqlite3_extended_errcode(handle) {
        case constraintUnique, constraintPrimaryKey: kind = .uniqueViolation
        default:
            switch sqlite3_errcode(handle) & 0xFF {
            case SQLITE_BUSY, SQLITE_LOCKED: kind = .busy
            case SQLITE_FULL, SQLITE_IOERR: kind = .diskFull
            case SQLITE_CORRUPT, SQLITE_NOTADB: kind = .corrupt
            default: kind = .other
            }
        }
        return EngineError(kind, message)
    }
}

// Extended codes are macros that Swift does not import: 19 | n << 8 (sqlite.org/rescode.html).
private let constraintUnique: Int32 = 19 | 8 << 8
private let constraintPrimaryKey: Int32 = 19 | 6 << 8
/// Tells SQLite to copy what is bound.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = {
    let p = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    p.pointee = 0
    return UnsafePointer(p)
}()

private struct SQLiteRow: RowSource {
    let raw: OpaquePointer
    init(_ raw: OpaquePointer) { self.raw = raw }

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(raw, Int32(column)) == SQLITE_NULL }
    func int(_ column: Int) -> Int64 { sqlite3_column_int64(raw, Int32(column)) }
    func text(_ column: Int) -> String {
        guard let p = sqlite3_column_text(raw, Int32(column)) else { return "" }
        let n = Int(sqlite3_column_bytes(raw, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: p, count: n), as: UTF8.self)
    }
    func blob(_ column: Int) -> [UInt8] {
        guard let p = sqlite3_column_blob(raw, Int32(column)) else { return [] }
        let n = Int(sqlite3_column_bytes(raw, Int32(column)))
        return [UInt8](UnsafeRawBufferPointer(start: p, count: n))
    }
    func value(_ column: Int) -> Value {
        switch sqlite3_column_type(raw, Int32(column)) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER: .int(int(column))
        case SQLITE_BLOB: .blob(blob(column))
        default: .text(text(column))
        }
    }
}
