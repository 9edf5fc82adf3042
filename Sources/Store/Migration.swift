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

extension Store {
    /// Brings the schema up to the list. Returns the ids that were applied now.
    @discardableResult
    public func migrate(_ migrations: [Migration]) async throws -> [String] {
        let dialect = engine.dialect
        let now = clock()
        return try await engine.write { connection in
            try connection.executeScript(
                dialect.render(
                    """
                    create table if not exists schema_migration (
                      id {text} not null primary key, at {int} not null, breaking {int} not null
                    ) {table};
                    """))
            var done = Set<String>()
            try connection.query("select id from schema_migration") {
                done.insert($0.text())
                return true
            }
            var applied: [String] = []
            for m in migrations where !done.contains(m.id) {
                try connection.executeScript(dialect.render(m.script))
                if let own = m.own[dialect.name] { try connection.executeScript(dialect.render(own)) }
                _ = try connection.execute(
                    "insert into schema_migration (id, at, breaking) values (\(m.id), \(now), \(m.breaking))"
                )
                applied.append(m.id)
            }
            return applied
        }
    }
}
