/// A database behind the door. Two kinds exist: a file (SQLite) and a server (PostgreSQL).
public protocol Engine: Sendable {
    var dialect: Dialect { get }

    /// Runs a body in one read transaction: every statement sees the same state.
    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T

    /// Runs a body in a write transaction of its own and returns after the commit is durable. The body
    /// may run again after a lost race and must have no effect but through the connection.
    func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T

    /// Copies the whole database into a new file while it serves.
    func backup(to path: String) async throws

    func close() async
}

/// One connection, used by one thread at a time and only inside a transaction's body.
public protocol Connection: AnyObject {
    /// Runs a statement and hands its rows to `each` until it returns false.
    func query(_ sql: SQL, _ each: (inout Row) throws -> Bool) throws

    /// Runs a statement; how many rows it changed.
    func execute(_ sql: SQL) throws -> Int

    /// Runs the literal text of a migration, several statements included.
    func executeScript(_ text: String) throws
}

/// What differs between the engines' SQL. As little as can be.
public struct Dialect: Sendable {
    public enum Name: String, Sendable { case sqlite, postgres }
    public let name: Name
    /// Column types for migrations: `{id}` `{int}` `{text}` `{blob}`.
    public let types: [String: String]
    /// After `select … limit n` of a job claim: skip rows that others hold.
    public let skipLocked: SQL

    public init(name: Name, types: [String: String], skipLocked: SQL) {
        self.name = name
        self.types = types
        self.skipLocked = skipLocked
    }

    /// The text of a migration with the type tokens replaced.
    public func render(_ migration: String) -> String {
        types.reduce(migration) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}

/// What an engine reports of its own: never shown to a caller, written to the log.
public struct EngineError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable { case uniqueViolation, busy, diskFull, corrupt, unknownCommit, other }
    public let kind: Kind
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}
