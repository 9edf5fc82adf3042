import Base
import Foundation
import Store

/// PostgreSQL 15 or newer behind the door. Writes are serialisable and run again where another one was
/// faster; a broken connection is replaced by one to whichever host then takes writes.
public final class PostgresEngine: Engine {
    public let dialect = Dialect(
        name: .postgres,
        types: [
            // Identifiers and texts compare byte by byte, as on SQLite.
            "id": "TEXT COLLATE \"C\"", "int": "BIGINT", "text": "TEXT COLLATE \"C\"", "blob": "BYTEA",
            "table": "", "rowtable": "",
        ],
        tables: "select tablename::text as name from pg_tables where schemaname = current_schema()",
        hasPeers: true)

    let pool: PostgresPool
    /// Names this process among those at the same database.
    private let node = Secrets.token()

    /// A write that lost for so long gives up: its caller is told to try later.
    private static let patience = Duration.seconds(8)

    /// Connects once, so that a wrong address, a refused password, an older server or another program's
    /// database is told at the start.
    /// - Parameters:
    ///   - url: `postgres://user:password@host:port,host2/database?sslmode=verify-full`; several hosts
    ///     are tried in order, and the one that takes writes is used.
    ///   - connections: so many transactions run at the same time.
    public init(url: String, connections: Int = 8) async throws {
        let pq = try LibPQ.load()
        pool = PostgresPool(try PostgresAddress(url), size: max(1, connections), pq)
        do {
            try await pool.run { try PostgresEngine.inspect(try $0.connection()) }
        } catch {
            await pool.close()
            throw error
        }
    }

    private static func inspect(_ c: PostgresConnection) throws {
        guard c.version >= 150_000 else {
            throw EngineError(
                .unsuitable, "PostgreSQL \(c.version / 10_000) serves there; Fettle needs 15 or newer")
        }
        guard c.parameter("server_encoding") == "UTF8" else {
            throw EngineError(
                .unsuitable,
                "the database's encoding is \(c.parameter("server_encoding")); make one with encoding UTF8")
        }
        var schema: String?
        try c.query("select current_schema()") {
            schema = $0.textOrNil()
            return false
        }
        guard schema != nil else {
            throw EngineError(
                .unsuitable, "the schema that search_path names does not exist: make it (create schema …)")
        }
        let shapes = try shapes(c)
        let tables = Set(shapes.map(\.name))
        let ours = shapes.first { $0.name == "schema_migration" }
        guard
            tables.isEmpty
                || tables.isSuperset(of: ["schema_migration", "history", "chain"])
                    && ours?.columns == ["at", "breaking", "id"]
        else {
            throw EngineError(
                .unsuitable,
                "the database holds another program's tables (\(tables.sorted().prefix(3).joined(separator: ", "))…); make an empty one for Fettle"
            )
        }
    }

    /// The tables of this program's schema. A column that its comment calls `derived` is this engine's own help and no part of what is moved.
    private static func shapes(_ c: PostgresConnection) throws -> [TableShape] {
        var columns: [String: [(name: String, place: Int)]] = [:]
        try c.begin(.reading)
        do {
            try c.query(
                """
                select c.relname::text, a.attname::text, coalesce(array_position(i.indkey::int2[], a.attnum), -1)
                from pg_class c join pg_attribute a on a.attrelid = c.oid
                left join pg_index i on i.indrelid = c.oid and i.indisprimary
                where c.relkind in ('r', 'p') and c.relnamespace = (
                    select n.oid from pg_namespace n where n.nspname = current_schema())
                  and a.attnum > 0 and not a.attisdropped
                  and coalesce(col_description(c.oid, a.attnum), '') <> 'derived'
                """
            ) {
                columns[$0.text(), default: []].append(($0.text(), $0.count()))
                return true
            }
        } catch {
            c.rollback()
            throw error
        }
        c.endReading()
        return columns.map { name, all in
            TableShape(
                name: name, key: all.filter { $0.place >= 0 }.sorted { $0.place < $1.place }.map(\.name),
                columns: all.map(\.name))
        }.sorted { $0.name < $1.name }
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T
    {
        try await pool.run { lease in
            var isSecond = false
            while true {
                do {
                    let connection = try lease.connection()
                    do {
                        try connection.begin(.reading)
                        let result = try body(connection)
                        connection.endReading()
                        return result
                    } catch {
                        connection.rollback()
                        throw error
                    }
                } catch let error as EngineError where error.kind == .unavailable && !isSecond {
                    // The connection may have died while it lay idle: one more try with a new one.
                    isSecond = true
                    lease.drop()
                }
            }
        }
    }

    public func write<T: Sendable>(
        _ kind: WriteKind, _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        let kind: PostgresConnection.Kind =
            switch kind {
            case .usual: .writing
            case .steps: .steps
            case .long: .long
            }
        return try await pool.run { lease in
            let start = ContinuousClock.now
            var attempt = 0
            while true {
                attempt += 1
                do {
                    return try PostgresEngine.once(kind, lease, body)
                } catch let error as EngineError {
                    switch error.kind {
                    case .busy where start.duration(to: .now) < PostgresEngine.patience:
                        PostgresEngine.wait(attempt)
                    // Another transaction may have been faster with the same key, though none was there
                    // when this one looked: whoever finds it there again is refused.
                    case .uniqueViolation where attempt < 4: PostgresEngine.wait(attempt)
                    case .unavailable where attempt == 1: lease.drop()
                    default: throw error
                    }
                }
            }
        }
    }

    private static func once<T>(
        _ kind: PostgresConnection.Kind, _ lease: PostgresPool.Lease, _ body: (any Connection) throws -> T
    ) throws -> T {
        let connection = try lease.connection()
        do {
            try connection.begin(kind)
            let result = try body(connection)
            try connection.commit()
            return result
        } catch {
            connection.rollback()
            throw error
        }
    }

    /// Those who lost a race come again at different times, at most 50 ms later.
    private static func wait(_ attempt: Int) {
        let most = min(50_000, 500 << min(attempt, 7))
        usleep(UInt32.random(in: 0...UInt32(most)))
    }

    public func close() async { await pool.close() }
}

// MARK: Whole worlds

extension PostgresEngine: MovableEngine {
    public func isEmpty() async throws -> Bool { try await tables().isEmpty }

    public func tables() async throws -> [TableShape] {
        try await pool.run { try PostgresEngine.shapes(try $0.connection()) }
    }

    public func claim() async throws -> (any Sendable)? {
        try await pool.run { lease in
            let own = try lease.keep()
            var isOurs = false
            try own.query(
                """
                select case when pg_try_advisory_lock(7235452, hashtext(current_schema())) then 1 else 0 end
                """
            ) {
                isOurs = $0.bool()
                return false
            }
            return isOurs ? PostgresPool.Held(connection: own) : nil
        }
    }

    public func snapshot() async throws -> any Snapshot {
        let connection = try await pool.run { lease in
            let own = try lease.keep()
            try own.begin(.reading)
            // The first statement is what fixes the state.
            try own.query("select 1") { _ in false }
            return PostgresPool.Held(connection: own)
        }
        return PostgresSnapshot(held: connection, pool: pool)
    }

    /// A command that the server takes outside a transaction only: `create database`, `vacuum`. Its text
    /// is this program's own.
    public func outside(_ command: String) async throws {
        try await pool.run { try $0.connection().executeScript(command) }
    }
}

/// A connection that stays in its one read transaction.
private struct PostgresSnapshot: Snapshot {
    let held: PostgresPool.Held
    let pool: PostgresPool

    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await pool.run { _ in try body(held.connection) }
    }

    func release() async { try? await pool.run { _ in held.connection.rollback() } }
}

// MARK: Several processes

extension PostgresEngine {
    /// Under a lock of the whole database, taken before the transaction begins: one that waited must see
    /// what the one before it did.
    public func alone<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        try await pool.run { lease in
            let connection = try lease.connection()
            try connection.executeScript(
                "set lock_timeout = '10min'; select pg_advisory_lock(7235451, hashtext(current_schema()))")
            defer {
                if connection.isAlive {
                    try? connection.executeScript(
                        "select pg_advisory_unlock(7235451, hashtext(current_schema())); set lock_timeout = '20s'"
                    )
                }
            }
            return try PostgresEngine.once(.steps, lease, body)
        }
    }

    /// A house's own: houses in schemas of one database hear nothing of each other.
    private static let channel: SQL = "'fettle_' || md5(current_schema())"

    /// In a transaction of its own: told inside the writer's, it would make every commit wait for the last.
    public func announce(_ words: [String]) async {
        let node = node
        try? await pool.run { lease in
            for payload in PostgresEngine.payloads(words) {
                try lease.connection().once("select pg_notify(\(PostgresEngine.channel), \(node + payload))")
            }
        }
    }

    /// A payload is shorter than 8,000 bytes.
    private static func payloads(_ words: [String]) -> [String] {
        var out: [String] = []
        for word in words {
            if let last = out.last, last.utf8.count + word.utf8.count < 7_000 {
                out[out.count - 1] = last + "\n" + word
            } else {
                out.append("\n" + word)
            }
        }
        return out
    }

    public func announcements() -> AsyncStream<String?> {
        let (stream, feed) = AsyncStream<String?>.makeStream(bufferingPolicy: .bufferingNewest(512))
        let isOver = Locked(false)
        feed.onTermination = { _ in isOver.withLock { $0 = true } }
        let (pool, node) = (pool, node)
        // A thread of its own, for it does nothing but wait for the server.
        let thread = Thread {
            var missed = false
            while !isOver.withLock({ $0 }) {
                do {
                    let connection = try pool.another()
                    var channel = ""
                    try connection.query("select \(PostgresEngine.channel)") {
                        channel = $0.text()
                        return false
                    }
                    try connection.executeScript("listen \(channel)")
                    if missed { feed.yield(nil) }
                    while !isOver.withLock({ $0 }) {
                        for text in try connection.waitForNotices(milliseconds: 500) {
                            let words = text.split(separator: "\n").map(String.init)
                            guard let from = words.first, from != node else { continue }
                            for word in words.dropFirst() { feed.yield(word) }
                        }
                    }
                } catch {
                    missed = true
                    Thread.sleep(forTimeInterval: 0.5)
                }
            }
        }
        thread.name = "fettle.listener"
        thread.start()
        return stream
    }
}
