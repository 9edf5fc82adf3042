/// A database behind the door. Two kinds exist: a file (SQLite) and a server (PostgreSQL).
public protocol Engine: Sendable {
    var dialect: Dialect { get }

    /// Runs a body in one read transaction: every statement sees the same state.
    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T

    /// Runs a body in a write transaction of its own and returns after the commit is durable. The body
    /// may run again after a lost race and must have no effect but through the connection.
    func write<T: Sendable>(
        _ kind: WriteKind, _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T

    /// The same, while no other process that asks for this lock has it: for changes of the schema.
    func alone<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T

    /// Tells the other processes at this database what changed. They are told after the commit, at most
    /// once, and read the present state themselves.
    func announce(_ words: [String]) async

    /// What other processes announce, from now on; nil in place of what may have been missed.
    func announcements() -> AsyncStream<String?>

    func close() async
}

extension Engine {
    public func write<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T { try await write(.usual, body) }

    public func alone<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T { try await write(body) }

    public func announce(_ words: [String]) async {}

    public func announcements() -> AsyncStream<String?> { AsyncStream { $0.finish() } }
}

/// What a write asks of the others beside it. An engine with one writer knows no difference.
public enum WriteKind: Sendable {
    /// As if nobody else wrote at the same time.
    case usual
    /// Each statement is right by itself, whatever others do: a claim, a count. It sees what is committed
    /// when it begins, and need not run again where another one was faster.
    case steps
    /// Many rows that nobody else has seen yet, on one state of the data: an import, a world that moves in.
    /// Were it guarded like the usual ones, they would have to wait for its end to know what they may do.
    case long
}

/// One connection, used by one thread at a time and only inside a transaction's body.
public protocol Connection: AnyObject {
    /// Runs a statement and hands its rows to `each` until it returns false.
    func query(_ sql: SQL, _ each: (inout Row) throws -> Bool) throws

    /// The same for results too long to hold; `each` may run other statements meanwhile.
    func stream(_ sql: SQL, _ each: (inout Row) throws -> Bool) throws

    /// Runs a statement; how many rows it changed.
    func execute(_ sql: SQL) throws -> Int

    /// Runs the literal text of a migration, several statements included.
    func executeScript(_ text: String) throws

    /// Adds many rows of one table by the engine's quickest way.
    func insert(_ rows: [[Value]], into words: Words) throws
}

extension Connection {
    public func stream(_ sql: SQL, _ each: (inout Row) throws -> Bool) throws { try query(sql, each) }
}

/// What differs between the engines' SQL. As little as can be.
public struct Dialect: Sendable {
    public enum Name: String, Sendable { case sqlite, postgres }
    public let name: Name
    /// Column types for migrations: `{id}` `{int}` `{text}` `{blob}`.
    public let types: [String: String]
    /// The names of the tables that are there, as a `select` of one column `name`.
    public let tables: SQL
    /// Whether other processes write to the same database and want to hear of changes.
    public let hasPeers: Bool

    public init(name: Name, types: [String: String], tables: SQL, hasPeers: Bool) {
        self.tables = tables
        self.hasPeers = hasPeers
        self.name = name
        self.types = types
    }

    /// The text of a migration with the type tokens replaced.
    public func render(_ migration: String) -> String {
        types.reduce(migration) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}

/// What an engine reports of its own: never shown to a caller, written to the log.
public struct EngineError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        case uniqueViolation
        /// Another transaction was faster, for longer than a caller may wait.
        case busy
        case diskFull
        case corrupt
        /// The line broke while a commit was under way: it may stand or not.
        case unknownCommit
        /// The server cannot be reached now.
        case unavailable
        /// The place is none that Fettle can live in: said at the start, in words for its keeper.
        case unsuitable
        case other
    }
    public let kind: Kind
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}
