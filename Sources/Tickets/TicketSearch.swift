import Base
import Store

/// Search over titles, texts, conversation, serials and numbers: one document per ticket text and per
/// message, each carrying as tokens who may find it, so that what a reader may not see is neither found
/// nor counted, and common words stay quick.
enum TicketSearch {
    /// The text of the ticket itself.
    static func index(_ t: Ticket, _ tx: Transaction) throws {
        let fields = [
            t.number, t.title, t.description, t.serial, t.model, t.product, t.batch, t.partNumber,
            t.failureMode,
            t.foundPlace, t.outline,
        ].compactMap { $0 }
        try put("t" + t.id.text, t, .public, fields, tx)
    }

    /// What somebody wrote, by its place in the history.
    static func index(
        fact number: Int64, _ visibility: Visibility, _ body: String, _ t: Ticket, _ tx: Transaction
    )
        throws
    {
        try put("f\(t.id).\(number)", t, visibility, [body], tx)
    }

    /// What engineers, leads and quality write about cause and solution is found by the house only.
    static func indexRecords(_ t: Ticket, _ tx: Transaction) throws {
        let fields = [
            t.cause?.statement, t.solution?.statement, t.interim?.statement, t.completion?.report,
            t.archive?.summary, t.archive?.lesson,
        ].compactMap { $0 }
        guard !fields.isEmpty else { return }
        try put("r" + t.id.text, t, .internal, fields, tx)
    }

    private static func put(
        _ doc: String, _ t: Ticket, _ visibility: Visibility, _ fields: [String], _ tx: Transaction
    ) throws {
        // What is only a draft has no documents: a count of them need not look at each ticket.
        guard t.state != .draft else { return }
        var scope = [TextAnalyser.marker("visibility", visibility.rawValue)]
        if let o = t.organization { scope.append(TextAnalyser.marker("organization", o.text)) }
        if let s = t.site { scope.append(TextAnalyser.marker("site", s.text)) }
        try tx.indexDocument(
            doc, ticket: t.id, visibility: visibility,
            tokens: TextAnalyser.document(fields) + " " + scope.joined(separator: " "))
    }

    /// A page of what is found.
    struct Found: Sendable {
        var ids: [TicketID] = []
        /// How many the actor would find in all, counted up to `most` and one more.
        var total = 0
        /// Whether all that match were looked at.
        var isWhole = true
        static let most = 10_000
        /// Of a word that stands nearly everywhere only so many documents are looked at, the newest: a ticket
        /// has a few of them.
        static let mostDocuments = 40_000

        var shownTotal: Int { min(total, Found.most) }
        var isExact: Bool { isWhole && total <= Found.most }
    }

    /// Tickets in which a document matches and that the actor sees, newest first, and how many there are:
    /// the index is asked once for both.
    static func find(_ text: String, limit: Int, before: TicketID?, _ tx: Transaction) throws -> Found {
        guard let matching = matching(text, newest: Found.mostDocuments + 1, tx) else { return Found() }
        let place: SQL = before.map { " and t.id < \($0)" } ?? ""
        let visible = TicketAccess.visible(to: tx.actor)
        let counted: SQL =
            TicketAccess.visibleHit(to: tx.actor).map { "select 1 from hit h where \($0)" }
            ?? "select 1 from hit h join ticket t on t.id = h.id where \(visible)"
        var found = Found()
        try tx.each(
            """
            with doc as materialized (\(matching)),
            hit as materialized (select distinct doc.ticket_id as id from doc)
            select (select count(*) from (\(counted) limit \(Found.most + 1)) counted),
              (select count(*) from doc), ''
            union all select * from (
              select 0, 0, t.id from ticket t where t.id in (select id from hit) and \(visible)\(place)
              order by t.id desc limit \(limit)) page
            """
        ) { r in
            found.total += r.count()
            if r.count() > Found.mostDocuments { found.isWhole = false }
            let id = r.text()
            if !id.isEmpty { found.ids.append(ID(id)) }
        }
        return found
    }

    /// The ids of tickets with a matching document that the actor may read; of the newest documents alone
    /// where so many are asked for.
    static func matching(_ text: String, newest: Int? = nil, _ tx: Transaction) -> SQL? {
        var scope: [String] = []
        if !TicketAccess.seesInternal(tx.actor) { scope.append(TextAnalyser.marker("visibility", "public")) }
        if tx.actor.roles == Roles(.customer), let own = tx.actor.organization {
            scope.append(TextAnalyser.marker("organization", own.text))
        }
        guard let all = tx.matchingTickets(SearchQuery(text), scope: scope) else { return nil }
        return newest.map { "\(all) order by i.rowid desc limit \($0)" } ?? all
    }
}

extension Transaction {
    /// Puts a document into the engine's index, in place of what it was before.
    func indexDocument(_ doc: String, ticket: TicketID, visibility: Visibility, tokens: String) throws {
        switch dialect.name {
        case .sqlite: try indexDocumentSQLite(doc, ticket: ticket, visibility: visibility, tokens: tokens)
        case .postgres: try indexDocumentPostgres(doc, ticket: ticket, visibility: visibility, tokens: tokens)
        }
    }

    /// `select ticket_id …` of matching documents; nil where the query holds nothing to look for.
    func matchingTickets(_ query: SearchQuery, scope: [String]) -> SQL? {
        switch dialect.name {
        case .sqlite: matchingTicketsSQLite(query, scope: scope)
        case .postgres: matchingTicketsPostgres(query, scope: scope)
        }
    }
}
