import Base
import Dispatch
import GRDB
import Store

/// Groups the writes that wait for the one writer into one durable commit, each behind its own
/// savepoint: an `fsync` is paid once for all of them, and one that fails undoes only itself.
///
/// A caller hears of success only after the commit. Where the transaction itself is lost (a full disk,
/// an I/O error), every job of the group fails.
final class GroupWriter: Sendable {
    private typealias Answer = @Sendable (_ lost: (any Error)?) -> Void

    private struct Job: Sendable {
        /// Runs inside the transaction and gives what to tell the caller once the commit's fate is known.
        let run: @Sendable (Database) -> Answer
        /// Tells the caller that the job could not run.
        let refuse: Answer
    }

    private struct Queue {
        var jobs: [Job] = []
        var isRunning = false
    }

    /// So many jobs share a commit at most; bounds how long the first one waits.
    private static let largestGroup = 256

    private let pool: DatabasePool
    private let queue = Locked(Queue())
    private let thread = DispatchQueue(label: "fettle.writer", qos: .userInitiated)

    init(pool: DatabasePool) { self.pool = pool }

    func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { (caller: CheckedContinuation<T, any Error>) in
            add(
                Job(
                    run: { db in
                        let outcome: Result<T, any Error>
                        do {
                            outcome = .success(
                                try GroupWriter.inSavepoint(db) { try body(SQLiteConnection(db)) })
                        } catch {
                            outcome = .failure(SQLiteEngine.translate(error))
                        }
                        return { lost in
                            if let lost {
                                caller.resume(throwing: lost)
                            } else {
                                caller.resume(with: outcome)
                            }
                        }
                    },
                    refuse: { caller.resume(throwing: $0 ?? EngineError(.other, "refused")) }))
        }
    }

    /// Returns when everything that was queued before is committed.
    func drain() async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            thread.async { done.resume() }
        }
    }

    private func add(_ job: Job) {
        let start = queue.withLock { q in
            q.jobs.append(job)
            defer { q.isRunning = true }
            return !q.isRunning
        }
        if start { thread.async { self.run() } }
    }

    private func run() {
        while let group = next() {
            var answers: [Answer] = []
            answers.reserveCapacity(group.count)
            var lost: (any Error)?
            do {
                try pool.write { db in
                    for job in group {
                        answers.append(job.run(db))
                        // A full disk rolls back the whole transaction, not the savepoint: whatever
                        // ran before in this group is gone, so the group must fail as one.
                        guard db.isInsideTransaction else {
                            throw EngineError(.diskFull, "the transaction was lost")
                        }
                    }
                }
            } catch {
                lost = SQLiteEngine.translate(error)
            }
            for answer in answers { answer(lost) }
            for job in group[answers.count...] { job.refuse(lost) }
        }
    }

    private func next() -> [Job]? {
        queue.withLock { q in
            if q.jobs.isEmpty {
                q.isRunning = false
                return nil
            }
            let group = Array(q.jobs.prefix(GroupWriter.largestGroup))
            q.jobs.removeFirst(group.count)
            return group
        }
    }

    private static func inSavepoint<T>(_ db: Database, _ body: () throws -> T) throws -> T {
        let connection = SQLiteConnection(db)
        _ = try connection.execute("savepoint job")
        do {
            let result = try body()
            _ = try connection.execute("release job")
            return result
        } catch {
            if db.isInsideTransaction {
                _ = try connection.execute("rollback to job")
                _ = try connection.execute("release job")
            }
            throw error
        }
    }
}
