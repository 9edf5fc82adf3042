import Base

/// An engine that notes every statement with its values on their way through, so that a bench can run the
/// very same without the product around it, and a test can ask the database how it goes about it.
public final class RecordingEngine: Engine {
    public struct Statement: Sendable {
        public var sql: SQL
        /// Rows that were asked for before the reader had enough.
        public var rows: Int

        public var text: String { sql.text }
        public var values: [Value] { sql.values }
    }

    public let inner: any Engine
    private let notes = Locked<[[Statement]]>([])

    public init(_ inner: any Engine) { self.inner = inner }

    public var dialect: Dialect { inner.dialect }

    public func read<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        try await inner.read { try self.noting($0, body) }
    }

    public func write<T: Sendable>(
        _ kind: WriteKind, _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        try await inner.write(kind) { try self.noting($0, body) }
    }

    public func alone<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T { try await inner.alone(body) }

    private func noting<T>(_ connection: any Connection, _ body: (any Connection) throws -> T) throws -> T {
        let recorder = RecordingConnection(connection)
        defer { notes.withLock { $0.append(recorder.statements) } }
        return try body(recorder)
    }

    public func close() async { await inner.close() }

    /// What was noted since the last time, transaction by transaction.
    public func take() -> [[Statement]] {
        notes.withLock { n in
            defer { n = [] }
            return n
        }
    }
}

private final class RecordingConnection: Connection {
    private let inner: any Connection
    private(set) var statements: [RecordingEngine.Statement] = []

    init(_ inner: any Connection) { self.inner = inner }

    func query(_ sql: SQL, _ each: (inout Row) throws -> Bool) throws {
        var rows = 0
        try inner.query(sql) { row in
            rows += 1
            return try each(&row)
        }
        statements.append(.init(sql: sql, rows: rows))
    }

    func execute(_ sql: SQL) throws -> Int {
        statements.append(.init(sql: sql, rows: 0))
        return try inner.execute(sql)
    }

    func executeScript(_ text: String) throws { try inner.executeScript(text) }
}
