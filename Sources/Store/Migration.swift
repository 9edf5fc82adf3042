import Base

/// A step of the schema. Speaks SQL and never changes once it has been released: a later wish is a
/// later migration.
public struct Migration: Sendable {
    /// `people-001`; unique, applied in the order of the list.
    public let id: String
    /// Nodes of an older version must stop serving once it has run.
    public let breaking: Bool
    /// Statements with the type tokens of `Dialect`.
    let script: String
    /// What only one engine needs, run after the script.
    let own: [Dialect.Name: String]

    public init(
        _ id: String, breaking: Bool = false, _ script: StaticString, own: [Dialect.Name: StaticString] = [:]
    ) {
        self.id = id
        self.breaking = breaking
        self.script = script.description
        self.own = own.mapValues(\.description)
    }
}

/// The store's own tables.
public enum StoreMigrations {
    public static let all: [Migration] = [
        Migration(
            "store-001",
            """
            create table history (
              subject_kind {text} not null, subject_id {text} not null, number {int} not null,
              at {int} not null, actor_id {text}, actor_name {text} not null, kind {text} not null,
              visibility {text} not null, data {text} not null,
              previous {blob} not null, hash {blob} not null,
              primary key (subject_kind, subject_id, number)
            ) {table};
            create index history_at on history (at, subject_kind, subject_id);
            create table chain (
              subject_kind {text} not null, subject_id {text} not null, number {int} not null,
              head {blob} not null, changed_at {int} not null,
              primary key (subject_kind, subject_id)
            ) {table};
            create index chain_changed on chain (changed_at);
            create table outbox (
              id {text} not null primary key, kind {text} not null, subject_kind {text} not null,
              subject_id {text} not null, number {int} not null, data {text} not null,
              at {int} not null, state {text} not null, attempts {int} not null default 0,
              next_at {int} not null default 0, problem {text}
            ) {table};
            create index outbox_waiting on outbox (state, at, number);
            create index outbox_subject on outbox (subject_kind, subject_id, state, number);
            create table seal (
              number {int} not null primary key, at {int} not null, subjects {int} not null,
              previous {blob} not null, hash {blob} not null
            ) {table};
            create table setting (
              name {text} not null, version {int} not null, value {text} not null,
              effective_from {int} not null, created_at {int} not null, created_by {text},
              primary key (name, version)
            ) {table};
            create table schedule (
              name {text} not null primary key, next_at {int} not null, claimed_until {int} not null,
              last_at {int}, problem {text}
            ) {table};
            """)
    ]
}

extension Migration {
    /// Stands among the applied migrations while a world is being moved in: nobody serves from it.
    static let moving = "moving"
}

/// How the schema of a database stands to this program's.
public struct SchemaState: Sendable, Equatable {
    /// Steps of this program that have not run there.
    public var missing: [String] = []
    /// Steps of a newer program that have.
    public var newer: [String] = []
    /// One of those forbids this program to serve.
    public var isTooNew = false
    /// A world is being moved in and is not whole yet.
    public var isMoving = false
}

extension Transaction {
    public func schemaState(_ migrations: [Migration]) throws -> SchemaState {
        let own = Set(migrations.map(\.id))
        var applied = Set<String>()
        var state = SchemaState()
        try each("select id, breaking from schema_migration order by id") { r in
            let id = r.text()
            let breaking = r.bool()
            applied.insert(id)
            if id == Migration.moving {
                state.isMoving = true
            } else if !own.contains(id) {
                state.newer.append(id)
                state.isTooNew = state.isTooNew || breaking
            }
        }
        state.missing = migrations.map(\.id).filter { !applied.contains($0) }
        return state
    }
}

extension Store {
    /// Brings the schema up to the list. Returns the ids that were applied now.
    ///
    /// Of several processes one does it, and the others find it done.
    /// - Parameter forMove: marks the place as one that a world is being moved into.
    /// - Throws: 503 `place.moving` where such a move has not ended.
    @discardableResult
    public func migrate(_ migrations: [Migration], forMove: Bool = false) async throws -> [String] {
        let dialect = engine.dialect
        let now = clock()
        return try await engine.alone { connection in
            // Looked for first: whoever may only use the tables may not make any.
            var isThere = false
            try connection.query("select 1 from (\(dialect.tables)) t where name = 'schema_migration'") { _ in
                isThere = true
                return false
            }
            if !isThere {
                try connection.executeScript(
                    dialect.render(
                        """
                        create table schema_migration (
                          id {text} not null primary key, at {int} not null, breaking {int} not null
                        ) {table};
                        """))
            }
            var done = Set<String>()
            try connection.query("select id from schema_migration") {
                done.insert($0.text())
                return true
            }
            if forMove {
                guard done.isEmpty || done.contains(Migration.moving) else {
                    throw Failure(.conflict, "place.not_empty")
                }
                if done.isEmpty {
                    _ = try connection.execute(
                        "insert into schema_migration (id, at, breaking) values (\(Migration.moving), \(now), 1)"
                    )
                }
            } else if done.contains(Migration.moving) {
                throw Failure(.unavailable, "place.moving")
            }
            var applied: [String] = []
            for m in migrations where !done.contains(m.id) {
                if !m.script.isEmpty { try connection.executeScript(dialect.render(m.script)) }
                if let own = m.own[dialect.name] { try connection.executeScript(dialect.render(own)) }
                _ = try connection.execute(
                    "insert into schema_migration (id, at, breaking) values (\(m.id), \(now), \(m.breaking))"
                )
                applied.append(m.id)
            }
            return applied
        }
    }

    /// The move has ended: whoever asks is served from now on.
    public func endMove() async throws {
        try await engine.write {
            _ = try $0.execute("delete from schema_migration where id = \(Migration.moving)")
        }
    }
}
