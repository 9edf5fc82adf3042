import Base

/// A transaction in the hands of a use case: who acts, when, and the statements.
///
/// Not Sendable, and its body is synchronous: nothing can be awaited, so no mail and no HTTP can happen
/// inside a transaction.
public final class Transaction {
    public private(set) var actor: Actor
    /// The one time of this transaction: everything it writes carries it.
    public let now: Instant
    public let dialect: Dialect
    /// Statements run so far; the bench reads it.
    public private(set) var statements = 0

    let connection: any Connection
    private var idsMade: Set<String> = []
    /// Ends of the chains that this transaction wrote to.
    var heads: [Subject: ChainHead] = [:]
    /// Fact kinds that somebody hears (see `Outbox`).
    let heard: Set<String>
    /// What is made ready from stored settings, shared by all transactions of this store.
    let cache: StoreCache
    /// The stamps of its sources, as far as this transaction has read them.
    var stamps: [String: Int64] = [:]
    private(set) var hasWritten = false
    /// What changed, for live pages; published after the commit.
    private(set) var signals: [Signal] = []

    init(
        connection: any Connection, actor: Actor, now: Instant, dialect: Dialect, heard: Set<String>,
        cache: StoreCache
    ) {
        self.cache = cache
        self.connection = connection
        self.actor = actor
        self.now = now
        self.dialect = dialect
        self.heard = heard
    }

    /// All rows, mapped.
    public func rows<T>(_ sql: SQL, _ map: (inout Row) throws -> T) throws -> [T] {
        var out: [T] = []
        try query(sql) {
            out.append(try map(&$0))
            return true
        }
        return out
    }

    /// The first row, mapped; nil where there is none.
    public func first<T>(_ sql: SQL, _ map: (inout Row) throws -> T) throws -> T? {
        var out: T?
        try query(sql) {
            out = try map(&$0)
            return false
        }
        return out
    }

    /// Each row in turn, where a result is short and no array is wanted.
    public func each(_ sql: SQL, _ body: (inout Row) throws -> Void) throws {
        try query(sql) {
            try body(&$0)
            return true
        }
    }

    /// Each row in turn, for results too long to hold: a server sends them piece by piece, through a
    /// cursor that is planned anew each time.
    public func stream(_ sql: SQL, _ body: (inout Row) throws -> Void) throws {
        statements += 1
        try connection.stream(sql) {
            try body(&$0)
            return true
        }
    }

    /// Whether there is a row.
    public func exists(_ sql: SQL) throws -> Bool { try first(sql) { _ in true } ?? false }

    /// The integer in the first column of the first row, 0 where there is none.
    public func int(_ sql: SQL) throws -> Int64 { try first(sql) { $0.int() } ?? 0 }

    /// Runs a statement that changes rows; how many it changed.
    @discardableResult
    public func run(_ sql: SQL) throws -> Int {
        statements += 1
        hasWritten = true
        stamps.removeAll(keepingCapacity: true)
        return try connection.execute(sql)
    }

    private func query(_ sql: SQL, _ each: (inout Row) throws -> Bool) throws {
        statements += 1
        try connection.query(sql, each)
    }

    /// Tells live pages, after the commit, that something changed.
    public func signal(_ signal: Signal) {
        if !signals.contains(signal) { signals.append(signal) }
    }

    /// A new id, ordered by this transaction's time and behind those that it made before.
    public func makeID<K>(_: K.Type = K.self) -> ID<K> {
        let id: ID<K> = ID.make(at: now, sequence: idsMade.count + 1)
        idsMade.insert(id.text)
        return id
    }

    /// Whether an id was made here, so that nothing can be stored under it by anybody else.
    func hasMade(_ id: String) -> Bool { idsMade.contains(id) }
}

extension Transaction {
    /// Names who acts, once the web kit has found out inside this very transaction. Nothing else calls it.
    public func act(as actor: Actor) { self.actor = actor }
}
