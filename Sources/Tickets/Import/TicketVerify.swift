import Base
import ServiceLevels
import Store

/// What `fettle verify` checks of tickets: that what is stored beside a ticket is what the ticket and its
/// facts say. Read-only; finds, never mends.
public enum TicketVerify {
    public struct Result: Sendable {
        public var tickets = 0
        public var faults: [String] = []
    }

    /// Checks every ticket, a page at a time, and what refers to tickets.
    public static func run(_ tx: Transaction) throws -> Result {
        var out = Result()
        let settings = try TicketHouse.settings(tx)
        let book = try ServiceLevels.book(tx)
        var last = ""
        while true {
            let page = try tx.rows(
                """
                select t.id, \(columns), \(Transaction.ticketColumns) from ticket t where t.id > \(last)
                order by t.id limit 200
                """
            ) { r in try Page(&r) }
            guard let end = page.last else { break }
            last = end.id
            out.tickets += page.count
            let access = try self.access(page, tx)
            for row in page { try check(row, access[row.id] ?? [], settings, book, tx, &out.faults) }
        }
        try references(tx, &out.faults)
        try documents(tx, &out.faults)
        return out
    }

    private struct Page {
        var stored: StoredTicket?
        var problem: String?
        var kept: [Value]
        var id: String

        init(_ r: inout Row) throws {
            id = r.text()
            kept = kinds.map { isText in
                isText ? r.textOrNil().map { .text($0) } ?? .null : r.intOrNil().map { .int($0) } ?? .null
            }
            do {
                stored = try Transaction.readTicket(&r)
            } catch {
                problem = "its content cannot be read"
            }
        }
    }

    // MARK: Columns

    private static let columns: SQL = """
        t.number, t.state, t.is_open, t.cycle, t.origin, t.version, t.title, t.category, t.nature, t.priority,
        t.turn, t.task, t.requester_id, t.organization_id, t.project_id, t.site_id, t.engineer_id,
        t.unit_id, t.parent_id, t.created_by, t.product, t.model, t.serial, t.failure_mode, t.received_at,
        t.created_at, t.closed_at, t.next_action_at, t.provisional_due_at, t.recorded_verdict,
        t.product_unit_id
        """

    /// Each column's name and what the ticket says it should hold.
    private static func expected(_ t: Ticket, _ turn: Turn) -> [(String, Value)] {
        func text(_ s: String?) -> Value { s.map { .text($0) } ?? .null }
        func int(_ i: Int64?) -> Value { i.map { .int($0) } ?? .null }
        return [
            ("number", .text(t.number)), ("state", .text(t.state.rawValue)),
            ("is_open", .int(t.state.isOpen ? 1 : 0)), ("cycle", .int(Int64(t.cycle))),
            ("origin", .text(t.origin.rawValue)), ("version", .int(t.version)), ("title", .text(t.title)),
            ("category", text(t.category?.rawValue)), ("nature", text(t.nature?.rawValue)),
            ("priority", int(t.priority.map { Int64($0.rawValue) })), ("turn", .text(turn.party.rawValue)),
            ("task", .text(turn.task)), ("requester_id", text(t.requester?.text)),
            ("organization_id", text(t.organization?.text)), ("project_id", text(t.project?.text)),
            ("site_id", text(t.site?.text)), ("engineer_id", text(t.engineer?.text)),
            ("unit_id", text(t.unit?.text)), ("parent_id", text(t.parent?.text)),
            ("created_by", text(t.createdBy?.text)), ("product", text(t.product)), ("model", text(t.model)),
            ("serial", text(t.serial)), ("failure_mode", text(t.failureMode)),
            ("received_at", int(t.receivedAt?.ms)), ("created_at", .int(t.createdAt.ms)),
            ("closed_at", int(t.closure?.at.ms)), ("next_action_at", int(t.nextAction?.at.ms)),
            ("provisional_due_at", int(t.provisional?.approvalDueAt.ms)),
            ("recorded_verdict", int(t.recordedVerdict.map { $0 ? 1 : 0 })),
            ("product_unit_id", text(t.productUnit?.text)),
        ]
    }

    /// Which of `columns` hold text.
    private static let kinds: [Bool] = [
        true, true, false, false, true, false, true, true, true, false, true, true, true, true, true, true,
        true, true, true, true, true, true, true, true, false, false, false, false, false, false, true,
    ]

    private static func check(
        _ row: Page, _ access: Set<String>, _ settings: TicketSettings, _ book: LevelsBook,
        _ tx: Transaction, _ faults: inout [String]
    ) throws {
        guard let stored = row.stored else {
            faults.append("ticket \(row.id): \(row.problem ?? "unreadable")")
            return
        }
        let ticket = stored.ticket
        let name = "ticket \(ticket.number)"
        if ticket.id.text != row.id { faults.append("\(name): its content belongs to \(ticket.id)") }
        for ((column, value), kept) in zip(expected(ticket, ticket.turn(settings)), row.kept)
        where value != kept {
            // A reminder of an approval that is due moves on by itself.
            if column == "provisional_due_at", value != .null, kept != .null { continue }
            faults.append("\(name): column \(column) differs from its content")
        }
        for principal in TicketAccess.principals(ticket).subtracting(access).sorted() {
            faults.append("\(name): \(principal) has no row of access")
        }
        let events = try tx.clockEvents(ticket.id, cycle: ticket.cycle)
        let clock = try TicketClock(stored, events, book)
        guard let clock else {
            if ticket.state != .draft, !ticket.isImported {
                faults.append("\(name): its service level policy is gone")
            } else if stored.clocks != ClockColumns() {
                faults.append("\(name): has clocks that it should not have")
            }
            return
        }
        // Verdicts are those of the last change or edit of the service levels, unless a job has looked
        // since; warnings go on by themselves, so that a stored one must be what the clock gives just
        // before it.
        let then = clock.columns(at: stored.evaluatedAt)
        if then == stored.clocks { return }
        let now = clock.columns(at: tx.now)
        // A warning that has come due waits for its job: the clock gave it until then.
        let before = stored.clocks.nextWarning.map { min($0 - Span(ms: 1), tx.now) }
        let waiting = before.map { clock.columns(at: $0).nextWarning }
        let pairs: [(String, (ClockColumns) -> AnyHashable?)] = [
            ("response verdict", { $0.responseVerdict }), ("response due", { $0.responseDue }),
            ("response target", { $0.responseTarget }), ("response stop", { $0.responseStopped }),
            ("solution verdict", { $0.solutionVerdict }), ("solution due", { $0.solutionDue }),
            ("solution target", { $0.solutionTarget }), ("solution stop", { $0.solutionStopped }),
            ("solution pause", { $0.solutionPaused }), ("solution remaining", { $0.solutionRemaining }),
            ("due", { $0.due }), ("due leg", { $0.dueLeg }),
        ]
        for (what, get) in pairs {
            let kept = get(stored.clocks)
            if what == "next warning", waiting == stored.clocks.nextWarning { continue }
            if kept != get(then), kept != get(now) {
                faults.append("\(name): stored \(what) differs from its facts")
            }
        }
        if let warning = stored.clocks.nextWarning {
            if clock.columns(at: warning - Span(ms: 1)).nextWarning != warning {
                faults.append("\(name): stored next warning differs from its facts")
            }
        } else if then.nextWarning != nil, now.nextWarning != nil {
            faults.append("\(name): stored next warning differs from its facts")
        }
    }

    // MARK: Beside tickets

    private static func access(_ page: [Page], _ tx: Transaction) throws -> [String: Set<String>] {
        var out: [String: Set<String>] = [:]
        try tx.stream(
            "select ticket_id, principal from ticket_access where ticket_id in \(list: page.map(\.id))"
        ) { r in out[r.text(), default: []].insert(r.text()) }
        return out
    }

    /// What a row points to must be there.
    private static func references(_ tx: Transaction, _ faults: inout [String]) throws {
        let checks: [(what: String, rows: SQL)] = [
            ("engineer", missing("engineer_id", "account")),
            ("requester", missing("requester_id", "account")),
            ("author", missing("created_by", "account")),
            ("organisation", missing("organization_id", "organization")),
            ("unit", missing("unit_id", "organization")), ("project", missing("project_id", "project")),
            ("site", missing("site_id", "site")), ("parent", missing("parent_id", "ticket")),
        ]
        for (what, sql) in checks {
            try tx.stream(sql) { r in
                faults.append("ticket \(r.text()): its \(what) \(r.text()) does not exist")
            }
        }
        let beside: [(what: String, rows: SQL)] = [
            ("row of access", orphans("ticket_access")), ("clock fact", orphans("ticket_clock")),
            ("past cycle", orphans("ticket_cycle")), ("task", orphans("ticket_task")),
            ("visit", orphans("ticket_visit")), ("search document", orphans("search_doc")),
            ("rating link", orphans("rating_link")),
        ]
        for (what, sql) in beside {
            try tx.stream(sql) { r in
                faults.append("\(what): belongs to ticket \(r.text()), which does not exist")
            }
        }
        try tx.stream(
            """
            select t.number from ticket t where t.state <> 'draft' and not exists
              (select 1 from chain c where c.subject_kind = 'ticket' and c.subject_id = t.id)
            """
        ) { r in faults.append("ticket \(r.text()): has no history") }
        try tx.stream(
            """
            select c.subject_id from chain c where c.subject_kind = 'ticket' and not exists
              (select 1 from ticket t where t.id = c.subject_id)
            """
        ) { r in faults.append("history of ticket \(r.text()): the ticket does not exist") }
    }

    private static func missing(_ column: Name, _ table: Name) -> SQL {
        """
        select t.number, t.\(column.sql) from ticket t where t.\(column.sql) is not null
          and not exists (select 1 from \(table.sql) x where x.id = t.\(column.sql))
        """
    }

    private static func orphans(_ table: Name) -> SQL {
        """
        select distinct x.ticket_id from \(table.sql) x where x.ticket_id is not null
          and not exists (select 1 from ticket t where t.id = x.ticket_id)
        """
    }

    /// A literal of this file as a fragment of SQL.
    private struct Name: ExpressibleByStringLiteral {
        let sql: SQL
        init(stringLiteral value: StaticString) { sql = SQL(stringLiteral: value) }
    }

    /// Every ticket's text and every message must be found by the search.
    private static func documents(_ tx: Transaction, _ faults: inout [String]) throws {
        try tx.stream(
            """
            select t.number from ticket t where t.state <> 'draft' and not exists
              (select 1 from search_doc d where d.doc_id = 't' || t.id)
            """
        ) { r in faults.append("ticket \(r.text()): has no search document") }
        try tx.stream(
            """
            select h.subject_id, h.number from history h where h.subject_kind = 'ticket'
              and h.kind <> 'ticket.submission' and h.kind <> \(TicketImport.eventKind)
              and h.data like '%"text":%'
              and not exists (select 1 from search_doc d
                where d.doc_id = 'f' || h.subject_id || '.' || h.number)
            """
        ) { r in faults.append("message \(r.text()).\(r.int()): has no search document") }
    }
}
