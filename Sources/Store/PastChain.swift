import Base

/// Writes the history of a new subject with the times at which things happened elsewhere: for imports
/// only. The rows are chained like all others; nothing hears them, since nothing happens now.
///
/// The chain's head is written once, by `close`: a subject of fifty rows costs fifty-one statements.
public struct PastChain: Sendable {
    public let subject: Subject
    private var number: Int64 = 0
    private var head: [UInt8] = []

    public init(_ subject: Subject) { self.subject = subject }

    /// Adds a row that happened at `at`, as whoever imports; returns its number.
    @discardableResult
    public mutating func add(
        _ kind: String, at: Instant, _ visibility: Fact.Visibility = .internal, data: JSON,
        _ tx: Transaction
    ) throws -> Int64 {
        number += 1
        let text = data.text
        let previous = head
        head = History.hash(
            previous: previous, subject: subject, number: number, at: at, actor: tx.actor.id,
            actorName: tx.actor.name, kind: kind, visibility: visibility, data: text)
        try tx.run(
            """
            insert into history
              (subject_kind, subject_id, number, at, actor_id, actor_name, kind, visibility, data,
               previous, hash)
            values (\(subject.kind), \(subject.id), \(number), \(at), \(tx.actor.id), \(tx.actor.name),
              \(kind), \(visibility), \(text), \(previous), \(head))
            """)
        return number
    }

    /// Writes the head; nothing where no row was added.
    public func close(_ tx: Transaction) throws {
        guard number > 0 else { return }
        try tx.run(
            """
            insert into chain (subject_kind, subject_id, number, head, changed_at)
            values (\(subject.kind), \(subject.id), \(number), \(head), \(tx.now))
            """)
        tx.heads[subject] = ChainHead(number: number, hash: head)
    }
}
