import Base
import Logging
import ServiceLifecycle
import Store

/// A piece of recurring work. Its next time stands in the table `schedule`, so that a restart neither
/// forgets nor repeats it, and one node at a time claims it; or it is each node's own affair.
struct Job: Sendable {
    let name: String
    let every: Span
    let isForEachNode: Bool
    let run: @Sendable (Store) async throws -> Void

    init(
        _ name: String, every: Span, isForEachNode: Bool = false,
        _ run: @escaping @Sendable (Store) async throws -> Void
    ) {
        self.isForEachNode = isForEachNode
        self.name = name
        self.every = every
        self.run = run
    }
}

/// Runs the jobs until told to stop. A failing job is logged and tried again at its next time.
struct Runner: Service {
    let store: Store
    let jobs: [Job]
    let logger: Logger

    /// A node that dies in a job gives it up after so long.
    private static let claim = Span.minutes(5)

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            for job in jobs { group.addTask { await loop(job) } }
        }
    }

    private func loop(_ job: Job) async {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                if job.isForEachNode {
                    try await job.run(store)
                } else if try await claim(job) {
                    try await job.run(store)
                    try await finish(job, problem: nil)
                }
            } catch is CancellationError {
                return
            } catch {
                logger.error("job \(job.name): \(error)")
                if !job.isForEachNode {
                    try? await finish(job, problem: String(String(describing: error).prefix(500)))
                }
            }
            do {
                try await cancelWhenGracefulShutdown {
                    try await Task.sleep(
                        for: .milliseconds(job.isForEachNode ? job.every.ms : min(job.every.ms, 5000)))
                }
            } catch { return }
        }
    }

    /// Whether the job is due and nobody else has it. Looks before it writes: an idle house writes
    /// nothing.
    private func claim(_ job: Job) async throws -> Bool {
        let now = store.clock()
        let isDue = try await store.read(by: .system(job.name)) { tx in
            !(try tx.exists(
                """
                select 1 from schedule where name = \(job.name)
                  and (next_at > \(now) or claimed_until > \(now))
                """))
        }
        guard isDue else { return false }
        return try await store.engine.write(.steps) { c in
            _ = try c.execute(
                """
                insert into schedule (name, next_at, claimed_until) values (\(job.name), \(now), 0)
                on conflict (name) do nothing
                """)
            return try c.execute(
                """
                update schedule set claimed_until = \(now + Runner.claim)
                where name = \(job.name) and next_at <= \(now) and claimed_until <= \(now)
                """) == 1
        }
    }

    private func finish(_ job: Job, problem: String?) async throws {
        let now = store.clock()
        _ = try await store.engine.write(.steps) { c in
            try c.execute(
                """
                update schedule set claimed_until = 0, next_at = \(now + job.every), last_at = \(now),
                  problem = \(problem) where name = \(job.name)
                """)
        }
    }
}
