import Base
import ServiceLevels
import Store

/// A ticket as it is kept: the value that the rules know, and what the queue knows of its clocks.
public struct StoredTicket: Sendable {
    public var ticket: Ticket
    public var clocks: ClockColumns
    public var updatedAt: Instant
    /// When it was last worked out anew after an edit of the service levels; nil: never.
    public var reevaluatedAt: Instant?

    /// The instant that its clocks were stored for.
    var evaluatedAt: Instant { max(updatedAt, reevaluatedAt ?? updatedAt) }
}

/// What queues and lists need of the clocks, stored with each change.
public struct ClockColumns: Sendable, Equatable {
    public var policyID: String?
    public var policyVersion: Int?
    public var responseVerdict: Verdict?
    public var responseDue: Instant?
    public var responseTarget: Span?
    public var responseStopped: Instant?
    public var solutionVerdict: Verdict?
    public var solutionDue: Instant?
    public var solutionTarget: Span?
    public var solutionStopped: Instant?
    public var solutionPaused: Span?
    /// While paused only.
    public var solutionRemaining: Span?
    /// The earliest due instant of a running leg.
    public var due: Instant?
    public var dueLeg: Leg?
    public var nextWarning: Instant?
    /// The stamp of the service levels that the columns were computed by.
    public var levelsStamp: Int64 = 0

    public init() {}
}

/// Stands in `due_at` where no leg runs: after everything that is due.
let farInstant = Instant(ms: 4_000_000_000_000_000)

extension Transaction {
    static let ticketColumns: SQL = """
        t.content, t.updated_at, t.policy_id, t.policy_version, t.r_verdict, t.r_due_at, t.r_target_ms,
        t.r_stopped_at, t.s_verdict, t.s_due_at, t.s_target_ms, t.s_stopped_at, t.s_paused_ms,
        t.s_remaining_ms, t.due_at, t.due_leg, t.next_warning_at, t.levels_stamp, t.levels_at
        """

    static func readTicket(_ r: inout Row) throws -> StoredTicket {
        let ticket = try r.json().decode(Ticket.self)
        let updated = r.instant()
        var c = ClockColumns()
        c.policyID = r.textOrNil()
        c.policyVersion = r.intOrNil().map(Int.init)
        c.responseVerdict = r.choiceOrNil()
        c.responseDue = r.instantOrNil()
        c.responseTarget = r.intOrNil().map(Span.init(ms:))
        c.responseStopped = r.instantOrNil()
        c.solutionVerdict = r.choiceOrNil()
        c.solutionDue = r.instantOrNil()
        c.solutionTarget = r.intOrNil().map(Span.init(ms:))
        c.solutionStopped = r.instantOrNil()
        c.solutionPaused = r.intOrNil().map(Span.init(ms:))
        c.solutionRemaining = r.intOrNil().map(Span.init(ms:))
        let due = r.instant()
        c.due = due == farInstant ? nil : due
        c.dueLeg = r.choiceOrNil()
        c.nextWarning = r.instantOrNil()
        c.levelsStamp = r.int()
        return StoredTicket(
            ticket: ticket, clocks: c, updatedAt: updated, reevaluatedAt: r.instantOrNil())
    }

    /// Any ticket, whoever asks: for jobs and for rules about other tickets. Requests go through
    /// `ticket(_:for:)`.
    func storedTicket(_ id: TicketID) throws -> StoredTicket? {
        try first("select \(Self.ticketColumns) from ticket t where t.id = \(id)", Self.readTicket)
    }

    func content(_ ticket: Ticket) throws -> String { try JSON.encode(ticket).text }

    func insert(_ ticket: Ticket, _ c: ClockColumns, _ settings: TicketSettings) throws {
        let turn = ticket.turn(settings)
        try run(
            """
            insert into ticket (id, number, state, is_open, cycle, origin, version, title, category,
              nature, priority, turn, task, requester_id, organization_id, project_id, site_id,
              engineer_id, unit_id, parent_id, created_by, product_unit_id, product, model, serial, failure_mode,
              received_at, created_at, updated_at, closed_at, next_action_at, provisional_due_at,
              absence_due_at, policy_id, policy_version, r_verdict, r_due_at, r_target_ms, r_stopped_at,
              s_verdict, s_due_at, s_target_ms, s_stopped_at, s_paused_ms, s_remaining_ms, due_at,
              due_leg, next_warning_at, levels_stamp, recorded_verdict, content)
            values (\(ticket.id), \(ticket.number), \(ticket.state), \(ticket.state.isOpen),
              \(ticket.cycle), \(ticket.origin), \(ticket.version), \(ticket.title), \(ticket.category),
              \(ticket.nature), \(ticket.priority?.rawValue), \(turn.party), \(turn.task),
              \(ticket.requester), \(ticket.organization), \(ticket.project), \(ticket.site),
              \(ticket.engineer), \(ticket.unit), \(ticket.parent), \(ticket.createdBy),
              \(ticket.productUnit),
              \(ticket.product), \(ticket.model), \(ticket.serial), \(ticket.failureMode),
              \(ticket.receivedAt), \(ticket.createdAt), \(now), \(ticket.closure?.at),
              \(ticket.nextAction?.at), \(ticket.provisional?.approvalDueAt),
              \(ticket.evaluationAbsenceDue(settings)), \(c.policyID), \(c.policyVersion),
              \(c.responseVerdict), \(c.responseDue), \(c.responseTarget?.ms), \(c.responseStopped),
              \(c.solutionVerdict), \(c.solutionDue), \(c.solutionTarget?.ms), \(c.solutionStopped),
              \(c.solutionPaused?.ms), \(c.solutionRemaining?.ms), \(c.due ?? farInstant),
              \(c.dueLeg), \(c.nextWarning), \(c.levelsStamp), \(ticket.recordedVerdict.map { $0 ? 1 : 0 }),
              \(try content(ticket)))
            """)
    }

    /// Writes the next version where the stored one is still the one that was read; else 409, the
    /// whole transaction undone.
    func update(_ ticket: Ticket, _ c: ClockColumns, from version: Int64, _ settings: TicketSettings) throws {
        let turn = ticket.turn(settings)
        let changed = try run(
            """
            update ticket set state = \(ticket.state), is_open = \(ticket.state.isOpen),
              cycle = \(ticket.cycle), version = \(ticket.version), title = \(ticket.title),
              category = \(ticket.category), nature = \(ticket.nature),
              priority = \(ticket.priority?.rawValue), turn = \(turn.party), task = \(turn.task),
              requester_id = \(ticket.requester), organization_id = \(ticket.organization),
              project_id = \(ticket.project), site_id = \(ticket.site), engineer_id = \(ticket.engineer),
              unit_id = \(ticket.unit), parent_id = \(ticket.parent),
              product_unit_id = \(ticket.productUnit), product = \(ticket.product),
              model = \(ticket.model), serial = \(ticket.serial), failure_mode = \(ticket.failureMode),
              received_at = \(ticket.receivedAt), updated_at = \(now), closed_at = \(ticket.closure?.at),
              next_action_at = \(ticket.nextAction?.at),
              provisional_due_at = \(ticket.provisional?.approvalDueAt),
              absence_due_at = \(ticket.evaluationAbsenceDue(settings)), policy_id = \(c.policyID),
              policy_version = \(c.policyVersion), r_verdict = \(c.responseVerdict),
              r_due_at = \(c.responseDue), r_target_ms = \(c.responseTarget?.ms),
              r_stopped_at = \(c.responseStopped), s_verdict = \(c.solutionVerdict),
              s_due_at = \(c.solutionDue), s_target_ms = \(c.solutionTarget?.ms),
              s_stopped_at = \(c.solutionStopped), s_paused_ms = \(c.solutionPaused?.ms),
              s_remaining_ms = \(c.solutionRemaining?.ms), due_at = \(c.due ?? farInstant),
              due_leg = \(c.dueLeg), next_warning_at = \(c.nextWarning), levels_stamp = \(c.levelsStamp), content = \(try content(ticket))
            where id = \(ticket.id) and version = \(version)
            """)
        guard changed == 1 else { throw Failure.conflict("ticket.changed") }
    }

    // MARK: Clock facts

    func clockEvents(_ id: TicketID, cycle: Int) throws -> [ClockEvent] {
        try rows(
            """
            select content from ticket_clock where ticket_id = \(id) and cycle = \(cycle) order by number
            """
        ) { r in try ClockEvent(json: r.json()) }
    }

    func addClockEvents(_ events: [ClockEvent], _ id: TicketID, cycle: Int, after count: Int) throws {
        for (i, event) in events.enumerated() {
            try run(
                """
                insert into ticket_clock (ticket_id, cycle, number, at, content)
                values (\(id), \(cycle), \(count + i + 1), \(event.at), \(event.json.text))
                """)
        }
    }

    func freeze(_ past: PastCycle, _ c: ClockColumns) throws {
        try run(
            """
            insert into ticket_cycle (ticket_id, cycle, reopened_at, policy_id, policy_version, r_verdict,
              s_verdict, r_due_at, s_due_at, content)
            values (\(past.ticket.id), \(past.ticket.cycle), \(past.reopenedAt), \(c.policyID),
              \(c.policyVersion), \(c.responseVerdict), \(c.solutionVerdict), \(c.responseDue),
              \(c.solutionDue), \(try content(past.ticket)))
            """)
    }
}

func twoDigits(_ n: Int) -> String { n < 10 ? "0\(n)" : String(n) }
