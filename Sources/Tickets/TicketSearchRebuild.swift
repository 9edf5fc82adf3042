import Base
import Store

/// Makes the search index anew where a release's analyser makes other tokens than the one before: its
/// migration leaves a row in `search_rebuild`. The old documents are found as before until theirs come.
public enum TicketSearchRebuild {
    /// Tickets in one transaction: others wait for it a few hundredths of a second.
    private static let page = 20

    /// Works it off, a page in each transaction; a restart goes on at the page.
    public static func run(_ store: Store) async throws {
        let isDue = try await store.read(by: .system("search")) { tx in
            try tx.exists("select 1 from search_rebuild")
        }
        guard isDue else { return }
        while try await store.write(by: .system("search"), step) {}
    }

    /// One page; whether there is more to do.
    private static func step(_ tx: Transaction) throws -> Bool {
        let after = try tx.first("select after_id from search_rebuild") { $0.id(TicketKind.self) }
        guard let after else { return false }
        let tickets = try tx.rows(
            """
            select \(Transaction.ticketColumns) from ticket t where t.id > \(after)
            order by t.id limit \(page)
            """, Transaction.readTicket)
        for stored in tickets { try index(stored.ticket, tx) }
        if tickets.count == page, let last = tickets.last {
            try tx.run("update search_rebuild set after_id = \(last.ticket.id)")
        } else {
            try tx.run("delete from search_rebuild")
        }
        return true
    }

    /// All documents of a ticket: its text, its records, and whatever of its history had one.
    private static func index(_ ticket: Ticket, _ tx: Transaction) throws {
        try TicketSearch.index(ticket, tx)
        try TicketSearch.indexRecords(ticket, tx)
        let messages = try tx.rows(
            """
            select h.number, h.visibility, h.data from history h
            where h.subject_kind = 'ticket' and h.subject_id = \(ticket.id) and exists
              (select 1 from search_doc d where d.doc_id = 'f' || h.subject_id || '.' || h.number)
            """
        ) { r in (r.int(), r.choice(Visibility.internal), r.json()) }
        for (number, visibility, data) in messages {
            guard let text = data["text"]?.string else { continue }
            try TicketSearch.index(fact: number, visibility, text, ticket, tx)
        }
    }
}
