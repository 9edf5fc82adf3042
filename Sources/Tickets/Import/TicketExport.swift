import Base
import ServiceLevels
import Store

/// Tickets as rows of a table: the columns that `fettle export tickets` writes, in this order.
public enum TicketExport {
    /// A value with its type, so that a spreadsheet gets numbers and dates as such.
    public enum Cell: Sendable, Equatable {
        case empty
        case text(String)
        case number(Double)
        /// In UTC.
        case time(Instant)
        case truth(Bool)
    }

    public struct Column: Sendable {
        public let name: String
        /// Width in characters that shows most values whole.
        public let width: Double
        let cell: @Sendable (StoredTicket, TicketPeople.Names) -> Cell
    }

    private static func text(_ s: String?) -> Cell { s.map { .text($0) } ?? .empty }
    private static func time(_ t: Instant?) -> Cell { t.map { .time($0) } ?? .empty }
    private static func minutes(_ s: Span?) -> Cell { s.map { .number(Double($0.ms) / 60_000) } ?? .empty }

    public static let columns: [Column] = [
        Column(name: "number", width: 14) { t, _ in .text(t.ticket.number) },
        Column(name: "state", width: 18) { t, _ in .text(t.ticket.state.rawValue) },
        Column(name: "origin", width: 10) { t, _ in .text(t.ticket.origin.rawValue) },
        Column(name: "cycle", width: 7) { t, _ in .number(Double(t.ticket.cycle)) },
        Column(name: "category", width: 10) { t, _ in text(t.ticket.category?.rawValue) },
        Column(name: "nature", width: 10) { t, _ in text(t.ticket.nature?.rawValue) },
        Column(name: "priority", width: 8) { t, _ in text(t.ticket.priority?.code) },
        Column(name: "title", width: 50) { t, _ in .text(t.ticket.title) },
        Column(name: "description", width: 60) { t, _ in .text(t.ticket.description) },
        Column(name: "requester", width: 20) { t, n in
            text(t.ticket.requester.flatMap { n.accounts[$0] } ?? t.ticket.requesterName)
        },
        Column(name: "organization", width: 24) { t, n in
            text(t.ticket.organization.flatMap { n.organizations[$0] })
        },
        Column(name: "project", width: 24) { t, n in text(t.ticket.project.flatMap { n.projects[$0] }) },
        Column(name: "site", width: 20) { t, n in text(t.ticket.site.flatMap { n.sites[$0]?.name }) },
        Column(name: "engineer", width: 20) { t, n in text(t.ticket.engineer.flatMap { n.accounts[$0] }) },
        Column(name: "product", width: 20) { t, _ in text(t.ticket.product) },
        Column(name: "model", width: 16) { t, _ in text(t.ticket.model) },
        Column(name: "serial", width: 20) { t, _ in text(t.ticket.serial) },
        Column(name: "failure_mode", width: 20) { t, _ in text(t.ticket.failureMode) },
        Column(name: "received_at", width: 20) { t, _ in time(t.ticket.receivedAt) },
        Column(name: "created_at", width: 20) { t, _ in .time(t.ticket.createdAt) },
        Column(name: "closed_at", width: 20) { t, _ in time(t.ticket.closure?.at) },
        Column(name: "response_due_at", width: 20) { t, _ in time(t.clocks.responseDue) },
        Column(name: "response_at", width: 20) { t, _ in time(t.clocks.responseStopped) },
        Column(name: "response_verdict", width: 10) { t, _ in text(t.clocks.responseVerdict?.rawValue) },
        Column(name: "solution_due_at", width: 20) { t, _ in time(t.clocks.solutionDue) },
        Column(name: "solution_at", width: 20) { t, _ in time(t.clocks.solutionStopped) },
        Column(name: "solution_verdict", width: 10) { t, _ in text(t.clocks.solutionVerdict?.rawValue) },
        Column(name: "solution_paused_minutes", width: 12) { t, _ in minutes(t.clocks.solutionPaused) },
        Column(name: "recorded_verdict", width: 10) { t, _ in
            t.ticket.recordedVerdict.map { .truth($0) } ?? .empty
        },
        Column(name: "rating_result", width: 8) { t, _ in
            t.ticket.evaluation.map { .number(Double($0.result)) } ?? .empty
        },
    ]

    /// The next rows by key after a ticket, drafts left out as everywhere; fewer than `limit` at the end.
    public static func page(after id: TicketID?, limit: Int = 500, _ tx: Transaction) throws -> (
        rows: [[Cell]], last: TicketID?
    ) {
        let stored = try tx.rows(
            """
            select \(Transaction.ticketColumns) from ticket t
            where t.id > \(id?.text ?? "") and \(TicketAccess.visible(to: tx.actor)) and t.state <> 'draft'
            order by t.id limit \(limit)
            """, Transaction.readTicket)
        let names = try TicketPeople.names(stored.map(\.ticket), tx)
        return (stored.map { t in columns.map { $0.cell(t, names) } }, stored.last?.ticket.id)
    }
}

extension TicketExport.Cell {
    /// As a cell of CSV; times as RFC 3339 in UTC, truth as `true` and `false`.
    public var csv: CSV.Cell {
        switch self {
        case .empty: .text("")
        case .text(let s): .text(s)
        case .number(let n): .number(n == n.rounded() && abs(n) < 1e15 ? String(Int64(n)) : String(n))
        case .time(let t): .text(t.rfc3339)
        case .truth(let b): .text(b ? "true" : "false")
        }
    }
}
