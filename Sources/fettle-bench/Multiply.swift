import Base
import Store
import Tickets

/// The bulk loader: copies the first world's tickets again and again by the engine's own
/// `insert … select`, each copy with ids and numbers of its own, so that a million of them is a matter
/// of minutes. The history comes along row for row; its hashes are those of the originals, so a bench
/// world is for measuring and not for `fettle verify`.
extension BenchWorld {
    /// Base tickets bear `FT-20-…`, those of copy k `FT-1kk-…`; what a workload made is not copied. By their
    /// ids they stand before the copies, which need not be walked then.
    private static let base: SQL = "t.id < 'U' and substr(t.number, 1, 6) = 'FT-20-'"
    /// No base world has as many search documents.
    private static let documents: Int64 = 10_000_000

    /// Adds the given copies of the base tickets, one transaction each.
    mutating func multiply(_ copies: Range<Int>, _ store: Store, _ said: (Int) -> Void) async throws {
        let originals = (numbers: numbers, answerable: answerable)
        for copy in copies {
            try await store.write(.long, by: .system("bench")) { try BenchWorld.copy(copy, $0) }
            func own(_ number: String) -> String { "FT-\(100 + copy)-" + number.dropFirst(6) }
            numbers += originals.numbers.map(own)
            answerable += originals.answerable.map { (own($0.number), $0.engineer) }
            said(copy)
        }
    }

    private static func copy(_ copy: Int, _ tx: Transaction) throws {
        let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        // No id that was made by the program holds a U: a copy never meets another ticket's. It stands in
        // front, so each copy goes behind the one before: between the rows of others it would touch every
        // page of the file.
        let front = String(["U", digits[copy / 32 % 32], digits[copy % 32]])
        func own(_ column: SQL) -> SQL { "\(front) || substr(\(column), 4)" }
        let number: SQL = "'FT-' || \(String(100 + copy)) || substr(t.number, 6)"

        var values: [SQL] = []
        for column in ticketColumns {
            switch column.text {
            case "id": values.append(own("t.id"))
            case "number": values.append(number)
            case "content":
                values.append("replace(replace(t.content, t.id, \(own("t.id"))), t.number, \(number))")
            default: values.append("t.\(column)")
            }
        }
        try tx.run(
            "insert into ticket (\(ticketColumns.joined(", "))) select \(values.joined(", ")) from ticket t where \(base)"
        )
        try tx.run(
            """
            insert into ticket_access (ticket_id, principal)
            select \(own("a.ticket_id")), a.principal from ticket t join ticket_access a on a.ticket_id = t.id
            where \(base)
            """)
        try tx.run(
            """
            insert into ticket_clock (ticket_id, cycle, number, at, content)
            select \(own("c.ticket_id")), c.cycle, c.number, c.at, c.content
            from ticket t join ticket_clock c on c.ticket_id = t.id where \(base)
            """)
        try tx.run(
            """
            insert into history (subject_kind, subject_id, number, at, actor_id, actor_name, kind, visibility,
              data, previous, hash)
            select 'ticket', \(own("h.subject_id")), h.number, h.at, h.actor_id, h.actor_name, h.kind,
              h.visibility, h.data, h.previous, h.hash
            from ticket t join history h on h.subject_kind = 'ticket' and h.subject_id = t.id where \(base)
            """)
        try tx.run(
            """
            insert into chain (subject_kind, subject_id, number, head, changed_at)
            select 'ticket', \(own("c.subject_id")), c.number, c.head, c.changed_at
            from ticket t join chain c on c.subject_kind = 'ticket' and c.subject_id = t.id where \(base)
            """)
        let shift = Int64(copy) * documents
        try tx.run(
            """
            insert into search_doc (row_id, doc_id, ticket_id, visibility)
            select d.row_id + \(shift), replace(d.doc_id, t.id, \(own("t.id"))), \(own("t.id")), d.visibility
            from ticket t join search_doc d on d.ticket_id = t.id where \(base)
            """)
        let ticket: (SQL, SQL) = tx.dialect.name == .postgres ? (", ticket_id", ", \(own("t.id"))") : ("", "")
        try tx.run(
            """
            insert into search_index (rowid, tokens\(ticket.0))
            select i.rowid + \(shift), i.tokens\(ticket.1)
            from ticket t join search_doc d on d.ticket_id = t.id join search_index i on i.rowid = d.row_id
            where \(base)
            """)
    }

    private static let ticketColumns: [SQL] = [
        "id", "number", "state", "is_open", "cycle", "origin", "version", "title", "category", "nature",
        "priority", "turn", "task", "requester_id", "organization_id", "project_id", "site_id", "engineer_id",
        "unit_id", "parent_id", "created_by", "product", "model", "serial", "failure_mode", "received_at",
        "created_at", "updated_at", "closed_at", "next_action_at", "provisional_due_at", "absence_due_at",
        "policy_id", "policy_version", "r_verdict", "r_due_at", "r_target_ms", "r_stopped_at", "s_verdict",
        "s_due_at", "s_target_ms", "s_stopped_at", "s_paused_ms", "s_remaining_ms", "due_at", "due_leg",
        "next_warning_at", "levels_stamp", "recorded_verdict", "content", "levels_at",
    ]
}
