import Base

/// A table as its engine describes it, the same words on both: for moving a whole world.
public struct TableShape: Sendable, Equatable {
    public let name: String
    /// The columns of the primary key, in its order.
    public let key: [String]
    /// All columns, in the order of their names.
    public let columns: [String]

    public init(name: String, key: [String], columns: [String]) {
        self.name = name
        self.key = key
        self.columns = columns.sorted()
    }
}

/// An engine whose whole content can be read and filled, table by table.
public protocol MovableEngine: Engine {
    /// Whether there is no table of Fettle's yet.
    func isEmpty() async throws -> Bool
    /// Every table that holds data of its own, in the order of their names.
    func tables() async throws -> [TableShape]
    /// Nobody else moves a world in here as long as what is returned lives; nil where somebody does.
    func claim() async throws -> (any Sendable)?
    /// The database as it is now, unchanged by whoever writes meanwhile.
    func snapshot() async throws -> any Snapshot
}

/// A state of the database that stays as it was, until it is released.
public protocol Snapshot: Sendable {
    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T
    func release() async
}

/// What was done to one table.
public struct MovedTable: Sendable, Equatable {
    public var name: String
    /// Rows that both hold now, equal in every column.
    public var rows = 0
    /// Rows that had to be written anew, since the source changed between two runs.
    public var mended = 0
}

/// Moves every row of one world into another, on whichever engines.
///
/// Rows go in the order of their primary key, so what was interrupted goes on behind the last key that
/// arrived; then both sides are read again and compared row by row, and what differs is written anew,
/// until nothing does. Until then the target is marked (`Migration.moving`) and nobody serves from it.
public struct Mover: Sendable {
    let source: any Snapshot
    let tables: [TableShape]
    let target: any MovableEngine
    let progress: @Sendable (_ table: String, _ rows: Int) -> Void

    /// - Parameter tables: of the source; the target must have the same.
    public init(
        from source: any Snapshot, _ tables: [TableShape], to target: any MovableEngine,
        progress: @escaping @Sendable (_ table: String, _ rows: Int) -> Void
    ) {
        self.source = source
        // The schema's own table says what this very database has been through.
        self.tables = tables.filter { $0.name != "schema_migration" }
        self.target = target
        self.progress = progress
    }

    public func move() async throws -> [MovedTable] {
        let there = try await target.tables().filter { $0.name != "schema_migration" }
        guard there == tables else {
            let names = tables.filter { !there.contains($0) } + there.filter { !tables.contains($0) }
            let differing = Set(names.map(\.name)).sorted().joined(separator: ", ")
            throw EngineError(.unsuitable, "the two schemas differ: \(differing)")
        }
        for table in tables { try await append(table) }
        var moved: [MovedTable] = []
        for table in tables {
            var whole = MovedTable(name: table.name)
            for round in 1...4 {
                let found = try await compare(table)
                whole.rows = found.rows
                whole.mended += found.mended
                if found.mended == 0 { break }
                guard round < 4 else {
                    throw EngineError(.corrupt, "\(table.name): does not become equal")
                }
            }
            moved.append(whole)
        }
        return moved
    }

    // MARK: Rows

    /// Adds what lies behind the last key that has arrived.
    private func append(_ table: TableShape) async throws {
        let words = try Words(table)
        var last = try await target.read { try Mover.last(words, $0) }
        var size = 200
        var count = 0
        while true {
            let (from, limit) = (last, size)
            let rows = try await source.read {
                try Mover.rows(words, after: from, upTo: nil, limit: limit, $0)
            }
            guard let end = rows.last else { return }
            try await target.write(.long) { try $0.insert(rows, into: words) }
            last = words.key(of: end)
            count += rows.count
            progress(table.name, count)
            if rows.count < limit { return }
            size = Mover.next(size, rows)
        }
    }

    /// Reads both sides and writes anew what differs.
    private func compare(_ table: TableShape) async throws -> MovedTable {
        let words = try Words(table)
        var out = MovedTable(name: table.name)
        var last: [Value]?
        var size = 200
        while true {
            let (from, limit) = (last, size)
            let wanted = try await source.read {
                try Mover.rows(words, after: from, upTo: nil, limit: limit, $0)
            }
            let isEnd = wanted.count < limit
            let upTo = isEnd ? nil : wanted.last.map(words.key(of:))
            let present = try await target.read {
                try Mover.rows(words, after: from, upTo: upTo, limit: .max, $0)
            }
            if wanted != present {
                let known = Dictionary(present.map { (words.key(of: $0), $0) }, uniquingKeysWith: { $1 })
                let needed = Dictionary(wanted.map { (words.key(of: $0), $0) }, uniquingKeysWith: { $1 })
                let stale = present.map(words.key(of:)).filter { needed[$0] != known[$0] }
                let fresh = wanted.filter { known[words.key(of: $0)] != $0 }
                try await target.write(.long) { c in
                    for key in stale { _ = try c.execute(words.delete(key)) }
                    try c.insert(fresh, into: words)
                }
                out.mended += max(stale.count, fresh.count)
            }
            out.rows += wanted.count
            progress(table.name, out.rows)
            if isEnd { return out }
            last = upTo
            size = Mover.next(size, wanted)
        }
    }

    /// Few rows of a large kind, many of a small one: some megabytes at a time.
    private static func next(_ size: Int, _ rows: [[Value]]) -> Int {
        let bytes = rows.reduce(0) { $0 + $1.reduce(0) { $0 + $1.size } }
        return bytes < 2 << 20 ? min(size * 2, 10_000) : max(10, size / 2)
    }

    private static func last(_ words: Words, _ c: any Connection) throws -> [Value]? {
        var out: [Value]?
        try c.query(words.last) {
            out = $0.values(words.table.key.count)
            return false
        }
        return out
    }

    private static func rows(
        _ words: Words, after: [Value]?, upTo: [Value]?, limit: Int, _ c: any Connection
    ) throws -> [[Value]] {
        var out: [[Value]] = []
        try c.query(words.page(after: after, upTo: upTo, limit: limit)) {
            out.append($0.values(words.table.columns.count))
            return true
        }
        return out
    }
}

/// The statements for one table; names come from the schema, and only plain ones are taken.
public struct Words: Sendable {
    public let table: TableShape
    let name: SQL
    let columns: SQL
    private let keys: [SQL]
    /// Where the columns of the key stand among all columns.
    private let places: [Int]

    init(_ table: TableShape) throws {
        self.table = table
        name = try SQL(name: table.name)
        columns = try table.columns.map { try SQL(name: $0) }.joined(", ")
        keys = try table.key.map { try SQL(name: $0) }
        places = table.key.compactMap { table.columns.firstIndex(of: $0) }
        guard !keys.isEmpty, places.count == keys.count else {
            throw EngineError(.unsuitable, "\(table.name) has no primary key")
        }
    }

    func key(of row: [Value]) -> [Value] { places.map { row[$0] } }

    var last: SQL {
        let down = keys.map { "\($0) desc" as SQL }.joined(", ")
        return "select \(keys.joined(", ")) from \(name) order by \(down) limit 1"
    }

    func page(after: [Value]?, upTo: [Value]?, limit: Int) -> SQL {
        let key: SQL = "(\(keys.joined(", ")))"
        func tuple(_ values: [Value]) -> SQL { "(\(values.map { "\($0)" as SQL }.joined(", ")))" }
        var conditions: [SQL] = []
        if let after { conditions.append("\(key) > \(tuple(after))") }
        if let upTo { conditions.append("\(key) <= \(tuple(upTo))") }
        let filter: SQL = conditions.isEmpty ? "" : " where \(conditions.joined(" and "))"
        return "select \(columns) from \(name)\(filter) order by \(keys.joined(", ")) limit \(limit)"
    }

    func delete(_ key: [Value]) -> SQL {
        let equal = zip(keys, key).map { "\($0) = \($1)" as SQL }.joined(" and ")
        return "delete from \(name) where \(equal)"
    }

    /// For engines that have no quicker way in.
    public func insert(_ row: [Value]) -> SQL {
        "insert into \(name) (\(columns)) values (\(row.map { "\($0)" as SQL }.joined(", ")))"
    }
}

extension Connection {
    public func insert(_ rows: [[Value]], into words: Words) throws {
        for row in rows { _ = try execute(words.insert(row)) }
    }
}

extension Value {
    /// Bytes, roughly.
    var size: Int {
        switch self {
        case .null: 1
        case .int: 8
        case .text(let s): s.utf8.count
        case .blob(let b): b.count
        }
    }
}
