import Foundation
import GRDB
import Store

// MARK: Whole worlds

extension SQLiteEngine: MovableEngine {
    public func isEmpty() async throws -> Bool { try await tables().isEmpty }

    /// A virtual table holds the search index: it counts as one, the tables under it don't.
    public func tables() async throws -> [TableShape] {
        try await read { c in
            var kinds: [(name: String, isVirtual: Bool)] = []
            try c.query(
                """
                select name, type from pragma_table_list
                where schema = 'main' and type in ('table', 'virtual') and substr(name, 1, 7) <> 'sqlite_'
                order by name
                """
            ) {
                kinds.append(($0.text(), $0.text() == "virtual"))
                return true
            }
            return try kinds.map { name, isVirtual in
                var columns: [(name: String, place: Int)] = isVirtual ? [("rowid", 1)] : []
                try c.query("select name, pk from pragma_table_info(\(name))") {
                    columns.append(($0.text(), $0.count()))
                    return true
                }
                return TableShape(
                    name: name,
                    key: columns.filter { $0.place > 0 }.sorted { $0.place < $1.place }.map(\.name),
                    columns: columns.map(\.name))
            }
        }
    }

    /// By a lock of the system's on the file, which ends with the process; SQLite's own are of another kind.
    public func claim() async throws -> (any Sendable)? { FileClaim(pool.path) }

    public func snapshot() async throws -> any Snapshot {
        do {
            return SQLiteSnapshot(snapshot: try pool.makeSnapshot())
        } catch {
            throw SQLiteEngine.translate(error)
        }
    }
}

private final class FileClaim: Sendable {
    private let file: Int32

    init?(_ path: String) {
        file = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        // All is set, so what fails from here on runs the deinit, which closes.
        guard file >= 0, flock(file, LOCK_EX | LOCK_NB) == 0 else { return nil }
    }

    deinit { if file >= 0 { _ = Foundation.close(file) } }
}

private struct SQLiteSnapshot: Snapshot {
    let snapshot: DatabaseSnapshot

    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        do {
            return try await snapshot.read { try body(SQLiteConnection($0)) }
        } catch {
            throw SQLiteEngine.translate(error)
        }
    }

    func release() async { try? snapshot.close() }
}
