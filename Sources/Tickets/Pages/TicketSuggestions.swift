import Base
import Store

/// How often the same fault of the same product was seen, as evidence for the commonness.
public struct Commonness: Sendable {
    /// Other tickets of the last 12 months, counted no further than `most`.
    public var count: Int
    /// The newest of them that the reader may see, five at most.
    public var examples: [(number: String, receivedAt: Instant, title: String)]
    /// From here on it is called common.
    public static let threshold = 3
    /// Who has seen a hundred of them needs no closer number, and the page of a ticket stays quick.
    static let most = 100

    /// The level that the evidence speaks for, in the default scheme's words.
    public var level: String { count >= Commonness.threshold ? "common" : "uncommon" }
}

extension Tickets {
    /// Tickets of the same product and failure mode received within 12 months; nil where the ticket does
    /// not say either.
    public static func commonness(_ ticket: Ticket, _ tx: Transaction) throws -> Commonness? {
        guard let same = same(ticket, tx) else { return nil }
        let count = try counted(ticket, same, tx)
        let examples = try tx.rows(
            """
            select t.number, t.received_at, t.title from \(same) and t.id <> \(ticket.id)
              and \(TicketAccess.visible(to: tx.actor))
            order by t.received_at desc, t.id desc limit 5
            """
        ) { r in (number: r.text(), receivedAt: r.instant(), title: r.text()) }
        return Commonness(count: count, examples: examples)
    }

    /// How many there are.
    static func sameFaults(_ ticket: Ticket, _ tx: Transaction) throws -> Int? {
        try same(ticket, tx).map { try counted(ticket, $0, tx) }
    }

    /// The index alone answers: the ticket itself is taken off here, not there.
    private static func counted(_ ticket: Ticket, _ same: SQL, _ tx: Transaction) throws -> Int {
        let all = try tx.int(
            "select count(*) from (select 1 from \(same) limit \(Commonness.most + 1)) counted")
        let isAmongThem = ticket.receivedAt.map { $0 >= tx.now - .days(365) } ?? false
        return min(Int(all) - (isAmongThem ? 1 : 0), Commonness.most)
    }

    private static func same(_ ticket: Ticket, _ tx: Transaction) -> SQL? {
        guard let product = ticket.product ?? ticket.model, let failure = ticket.failureMode else {
            return nil
        }
        let column: SQL = ticket.product == nil ? "t.model" : "t.product"
        let since = tx.now - .days(365)
        // A draft has not been received.
        return
            "ticket t where \(column) = \(product) and t.failure_mode = \(failure) and t.received_at >= \(since)"
    }
}
