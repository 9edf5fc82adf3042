import Base
import ServiceLevels
import Store

/// What may be the same problem, and what is known of a serial number, out of the tickets that the
/// reader sees.
enum WorkSimilar {
    /// Share of common words from which two titles count as alike.
    static let alike = 0.25

    /// Open tickets of the same serial number, or of the same customer with a title much like this one.
    static func find(
        serial: String?, title: String?, organization: OrganizationID?, except: TicketID? = nil,
        limit: Int = 5,
        _ tx: Transaction
    ) throws -> [TicketRow] {
        var which: [SQL] = []
        if let serial { which.append("t.serial = \(serial)") }
        let words = title.map(words) ?? []
        if !words.isEmpty {
            which.append(organization.map { "t.organization_id = \($0)" } ?? "1 = 1")
        }
        guard !which.isEmpty else { return [] }
        let rows = try tx.ticketRows(
            where: """
                t.is_open = 1 and t.id <> \(except?.text ?? "") and (\(which.map { "(\($0))" as SQL }.joined(" or ")))
                """, order: "t.received_at desc, t.id desc", limit: 300)
        let scored = rows.compactMap { row -> (Double, TicketRow)? in
            let share = overlap(words, self.words(row.title))
            if let serial, row.serial == serial { return (1 + share, row) }
            return share >= alike ? (share, row) : nil
        }
        return scored.sorted { $0.0 > $1.0 }.prefix(limit).map(\.1)
    }

    private static func words(_ text: String) -> Set<String> {
        Set(
            TextAnalyser.tokens(text).map(\.text).filter {
                $0 != TextAnalyser.gap && $0.unicodeScalars.count > 1
            })
    }

    /// Common words as a share of all (Jaccard).
    private static func overlap(_ a: Set<String>, _ b: Set<String>) -> Double {
        let all = a.union(b).count
        return all == 0 ? 0 : Double(a.intersection(b).count) / Double(all)
    }

    /// What the last visible ticket of a serial number said about it.
    static func known(_ serial: String, _ tx: Transaction) throws -> StoredTicket? {
        try tx.visibleTickets(
            where: "t.serial = \(serial) and t.state <> 'draft'",
            // One that was entered in haste says less than those before it.
            order: "case when t.product is null then 1 else 0 end, t.received_at desc", limit: 1
        ).first
    }

    /// Tickets of the same product and failure mode in the last twelve months: the evidence for
    /// "common".
    static func sameFailure(_ t: Ticket, _ tx: Transaction) throws -> [TicketRow] {
        guard let product = t.product, let mode = t.failureMode else { return [] }
        return try tx.ticketRows(
            where: """
                t.product = \(product) and t.failure_mode = \(mode) and t.id <> \(t.id)
                  and t.received_at >= \(tx.now - .days(365))
                """, order: "t.received_at desc", limit: 20)
    }
}
