import Base

/// Who hears which facts, after the commit, at least once.
///
/// A handler runs in a transaction that also marks its row done, so its own effects happen exactly once;
/// what it does outside the store it must be able to do twice.
public struct FactHandler: Sendable {
    public let kind: String
    public let name: String
    public let handle: @Sendable (HeardFact, Transaction) throws -> Void

    public init(
        _ kind: String, _ name: String, _ handle: @escaping @Sendable (HeardFact, Transaction) throws -> Void
    ) {
        self.kind = kind
        self.name = name
        self.handle = handle
    }
}

/// A fact on its way to its handlers.
public struct HeardFact: Sendable {
    public let id: String
    public let kind: String
    public let subject: Subject
    public let number: Int64
    public let data: JSON
    public let at: Instant
}

extension Store {
    /// Hands waiting facts to their handlers, the first of each subject; how many were tried. A failing
    /// one waits 1, 4, 9 … minutes, and what follows it on the same subject waits with it.
    public func deliver(_ handlers: [FactHandler], limit: Int = 100) async throws -> Int {
        let byKind = Dictionary(grouping: handlers, by: \.kind)
        let now = clock()
        let waiting = try await read(by: .system("outbox")) { tx in
            try tx.rows(
                """
                select id, kind, subject_kind, subject_id, number, data, at from outbox o
                where state = 'waiting' and next_at <= \(now)
                  and not exists (select 1 from outbox e where e.subject_kind = o.subject_kind
                    and e.subject_id = o.subject_id and e.number < o.number and e.state = 'waiting')
                order by at, number limit \(limit)
                """
            ) { r in
                HeardFact(
                    id: r.text(), kind: r.text(), subject: Subject(r.text(), r.text()), number: r.int(),
                    data: r.json(), at: r.instant())
            }
        }
        for fact in waiting {
            do {
                try await write(by: .system("outbox")) { tx in
                    // Claimed and done in one commit: a second node finds nothing to claim.
                    let claimed = try tx.run(
                        "update outbox set state = 'done' where id = \(fact.id) and state = 'waiting'")
                    guard claimed == 1 else { return }
                    for handler in byKind[fact.kind] ?? [] { try handler.handle(fact, tx) }
                }
            } catch {
                let problem = String(describing: error).prefix(500)
                try await write(by: .system("outbox")) { tx in
                    try tx.run(
                        """
                        update outbox set attempts = attempts + 1, problem = \(String(problem)),
                          next_at = \(tx.now.ms) + 60000 * (attempts + 1) * (attempts + 1)
                        where id = \(fact.id)
                        """)
                }
            }
        }
        return waiting.count
    }

    /// Removes delivered rows older than a day.
    public func sweepOutbox() async throws {
        try await write(by: .system("outbox")) { tx in
            try tx.run("delete from outbox where state = 'done' and at < \(tx.now - .days(1))")
        }
    }
}
