import ArgumentParser
import Base
import Foundation
import Store

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Brings the schema up to this program, or moves a whole world; safe to repeat.",
        discussion: """
            With --from and --to everything moves from one place to another: from a folder to a \
            PostgreSQL database, or back. Stop serving first. What was interrupted goes on where it \
            stopped; at the end both sides are compared row by row, and every chain of the history is \
            computed anew. The place that it came from stays as it is.
            """)

    @OptionGroup var place: Place
    @Option(help: "Where the world is: a folder or a postgres:// address (password in ~/.pgpass).") var from:
        String?
    @Option(help: "Where it goes: an empty folder or an empty database.") var to: String?

    func validate() throws {
        guard (from == nil) == (to == nil) else {
            throw ValidationError(Terminal.sentence(Failure(.invalid, "migrate.from_to")))
        }
    }

    func run() async throws {
        try await Terminal.run {
            if let from, let to { return try await move(Place(at: from), Place(at: to)) }
            let engine = try await place.engine()
            let store = Store(engine: engine, clock: World.now)
            for id in try await store.migrate(Areas.migrations) { Terminal.out(id) }
            _ = try await World.open(engine)
            Terminal.note("the schema is current")
            await engine.close()
        }
    }

    private func move(_ source: Place, _ target: Place) async throws {
        guard try await !source.isEmpty() else {
            throw Failure(.notFound, "place.no_data", ["file": source.name])
        }
        let from = try await source.movable()
        let to: any MovableEngine
        do { to = try await target.movable() } catch {
            await from.close()
            throw error
        }
        do {
            // The source first: both sides have this program's schema.
            _ = try await World.open(from)
            let moved = try await Moving.run(from: from, to: to, clock: World.now) { table, rows in
                Terminal.progress("\(table): \(rows)", chapter: table)
            }
            Terminal.endProgress()
            for table in moved.tables where table.rows > 0 {
                Terminal.out("\(table.name)\t\(table.rows)")
            }
            Terminal.note(
                "\(moved.tables.reduce(0) { $0 + $1.rows }) rows, equal on both sides; "
                    + "\(moved.history) rows of history, every chain whole")
        } catch {
            await from.close()
            await to.close()
            throw error
        }
        await from.close()
        await to.close()
    }
}

/// A whole world from one engine to another, proved at its end.
enum Moving {
    struct Done: Sendable {
        var tables: [MovedTable]
        /// Rows of history whose chains were computed anew in the target.
        var history: Int
    }

    /// - Throws: 409 `place.not_empty` where the target holds a world already; 409 `place.moving_now` where
    ///   somebody else is moving one in at this moment; 409 `migrate.changed`
    ///   where the source was written to meanwhile; `EngineError.corrupt` where a chain is broken.
    static func run(
        from source: any MovableEngine, to target: any MovableEngine,
        clock: @escaping @Sendable () -> Instant,
        progress: @escaping @Sendable (_ table: String, _ rows: Int) -> Void = { _, _ in }
    ) async throws -> Done {
        guard let claim = try await target.claim() else {
            throw Failure(.conflict, "place.moving_now")
        }
        defer { withExtendedLifetime(claim) {} }
        let store = Store(engine: target, clock: clock)
        try await store.migrate(Areas.migrations, forMove: true)
        let snapshot = try await source.snapshot()
        do {
            let tables = try await Mover(
                from: snapshot, try await source.tables(), to: target, progress: progress
            ).move()
            progress("history", 0)
            let proof = try await store.read(by: .system("migrate")) { try History.verify($0) }
            guard proof.faults.isEmpty else {
                throw EngineError(.corrupt, proof.faults.prefix(3).joined(separator: "; "))
            }
            try await store.write(by: .system("migrate")) { try Areas.settle($0) }
            try await store.endMove()
            await snapshot.release()
            return Done(tables: tables, history: proof.rows)
        } catch {
            await snapshot.release()
            throw error
        }
    }
}
