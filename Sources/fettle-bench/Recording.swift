import Base
import Foundation
import GRDBSQLite
import Store

/// SQLite by its C interface alone, with its statements prepared once.
final class RawSQLite {
    private var db: OpaquePointer?
    private var prepared: [String: OpaquePointer] = [:]

    struct Wrong: Error, CustomStringConvertible {
        let description: String
    }

    /// The settings are the product's own: WAL, `synchronous=FULL`, the file mapped.
    init(_ path: String) throws {
        guard sqlite3_open(path, &db) == SQLITE_OK else { throw Wrong(description: "open \(path)") }
        try script(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192;
            PRAGMA mmap_size = 4294967296; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
            """)
    }

    deinit {
        for statement in prepared.values { sqlite3_finalize(statement) }
        sqlite3_close(db)
    }

    func script(_ text: String) throws {
        guard sqlite3_exec(db, text, nil, nil, nil) == SQLITE_OK else {
            throw Wrong(description: String(cString: sqlite3_errmsg(db)))
        }
    }

    /// Drops the indexes that a bulk load would have to walk from end to end for each copy: SQLite makes one
    /// of all rows far sooner. Answers what makes them again.
    func takeIndexes() throws -> String {
        var taken: [(name: String, made: String)] = []
        var statement: OpaquePointer?
        let all = """
            select name, sql from sqlite_master where type = 'index' and sql is not null
            and tbl_name in ('ticket', 'ticket_access', 'ticket_clock', 'history', 'chain', 'search_doc')
            """
        guard sqlite3_prepare_v2(db, all, -1, &statement, nil) == SQLITE_OK else {
            throw Wrong(description: String(cString: sqlite3_errmsg(db)))
        }
        defer { sqlite3_finalize(statement) }
        while sqlite3_step(statement) == SQLITE_ROW {
            if let name = sqlite3_column_text(statement, 0), let made = sqlite3_column_text(statement, 1) {
                taken.append((String(cString: name), String(cString: made)))
            }
        }
        sqlite3_reset(statement)
        try script(taken.map { "drop index \($0.name);" }.joined())
        return taken.map { $0.made + ";" }.joined()
    }

    /// How SQLite goes about a statement.
    func plan(_ s: RecordingEngine.Statement) throws -> [String] {
        var made: OpaquePointer?
        guard sqlite3_prepare_v2(db, "explain query plan " + s.text, -1, &made, nil) == SQLITE_OK else {
            return []
        }
        defer { sqlite3_finalize(made) }
        var out: [String] = []
        while sqlite3_step(made) == SQLITE_ROW {
            if let text = sqlite3_column_text(made, 3) { out.append(String(cString: text)) }
        }
        return out
    }

    /// Steps through the rows that the product had read, and reads each of their columns.
    @discardableResult
    func run(_ s: RecordingEngine.Statement) throws -> Int {
        let statement: OpaquePointer
        if let known = prepared[s.text] {
            statement = known
        } else {
            var made: OpaquePointer?
            guard
                sqlite3_prepare_v3(db, s.text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
                    == SQLITE_OK,
                let made
            else { throw Wrong(description: String(cString: sqlite3_errmsg(db))) }
            prepared[s.text] = made
            statement = made
        }
        for (i, value) in s.values.enumerated() {
            let at = Int32(i + 1)
            switch value {
            case .null: sqlite3_bind_null(statement, at)
            case .int(let v): sqlite3_bind_int64(statement, at, v)
            case .text(let v): sqlite3_bind_text(statement, at, v, Int32(v.utf8.count), transient)
            case .blob(let v): sqlite3_bind_blob(statement, at, v, Int32(v.count), transient)
            }
        }
        defer { sqlite3_reset(statement) }
        var rows = 0
        var bytes = 0
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                rows += 1
                for c in 0..<sqlite3_column_count(statement) {
                    switch sqlite3_column_type(statement, c) {
                    case SQLITE_INTEGER: bytes &+= Int(truncatingIfNeeded: sqlite3_column_int64(statement, c))
                    case SQLITE_NULL: break
                    default:
                        if sqlite3_column_text(statement, c) != nil {
                            bytes &+= Int(sqlite3_column_bytes(statement, c))
                        }
                    }
                }
                if s.rows > 0, rows >= s.rows { return bytes }
            case SQLITE_DONE: return bytes
            default: throw Wrong(description: String(cString: sqlite3_errmsg(db)) + " in " + s.text)
            }
        }
    }
}

private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

/// CPU nanoseconds of this process, which does nothing else meanwhile.
func ownNanoseconds() -> UInt64 { UInt64(clock()) * (1_000_000_000 / UInt64(CLOCKS_PER_SEC)) }
