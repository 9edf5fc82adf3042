import Base
import ServiceLevels
import Store

/// After a calendar, a holiday set or a policy was edited, open tickets are worked out again from their
/// origin. An edit never moves a due instant from the future into the past, never rewrites a verdict,
/// and what was missed stays missed (`ServiceClock.keeping`).
///
/// Each ticket carries the stamp of the service levels that it was last evaluated by, and its clock is
/// read by those until then. So it makes no difference whether this job comes first or the ticket's next
/// step, and a finished ticket keeps the calendar that it was finished by.
public enum TicketReevaluation {
    private static let page = 200

    /// Notes down that open tickets have to be looked at; priority schemes move no due instant.
    static let handler = FactHandler("levels.changed", "tickets.reevaluation") { fact, tx in
        var policy: String?
        var version: Int64?
        switch fact.subject.kind {
        case "level_calendar", "level_holiday_set": break
        case "level_policy":
            // A ticket freezes its policy's version when it is received: only an edit that says so moves it.
            guard fact.data["applies_to_open"]?.bool == true else { return }
            policy = fact.subject.id
            version = fact.data["version"]?.int
        default: return
        }
        try tx.run(
            """
            insert into ticket_reevaluation (id, policy_id, policy_version, after_id)
            values (\(fact.id), \(policy), \(version), '')
            """)
    }

    private struct Task {
        var id: String
        var policy: String?
        var version: Int?
        var after: TicketID
    }

    /// Works off what was noted, a page of tickets in each transaction; a restart goes on at the page.
    public static func run(_ store: Store) async throws {
        while try await store.write(by: .system("sla"), step) {}
    }

    /// One page; whether there is more to do.
    private static func step(_ tx: Transaction) throws -> Bool {
        let found = try tx.first(
            "select id, policy_id, policy_version, after_id from ticket_reevaluation order by id limit 1"
        ) { r in
            Task(id: r.text(), policy: r.textOrNil(), version: r.intOrNil().map(Int.init), after: r.id())
        }
        guard let task = found else { return false }
        let tickets = try tx.rows(
            """
            select \(Transaction.ticketColumns) from ticket t
            where t.id > \(task.after) and t.is_open = 1 order by t.id limit \(page)
            """, Transaction.readTicket)
        let book = try ServiceLevels.book(tx)
        for stored in tickets { try reevaluate(stored, task, book, tx) }
        if tickets.count == page, let last = tickets.last {
            try tx.run("update ticket_reevaluation set after_id = \(last.ticket.id) where id = \(task.id)")
        } else {
            try tx.run("delete from ticket_reevaluation where id = \(task.id)")
        }
        return true
    }

    private static func reevaluate(
        _ stored: StoredTicket, _ task: Task, _ book: LevelsBook, _ tx: Transaction
    )
        throws
    {
        var version = stored.clocks.policyVersion
        if let newer = task.version, task.policy == stored.clocks.policyID, newer > version ?? newer {
            version = newer
        }
        guard version != stored.clocks.policyVersion || stored.clocks.levelsStamp != book.stamp else {
            return
        }
        let ticket = stored.ticket
        let events = try tx.clockEvents(ticket.id, cycle: ticket.cycle)
        let kept = try kept(stored, events, book, version: version, at: tx.now)
        guard
            let clock = try TicketClock(
                ticket, policyID: stored.clocks.policyID, version: version, events + kept, book)
        else { return }
        let columns = clock.columns(at: tx.now)
        let changed = try tx.run(
            """
            update ticket set policy_version = \(columns.policyVersion), r_verdict = \(columns.responseVerdict),
              r_due_at = \(columns.responseDue), r_target_ms = \(columns.responseTarget?.ms),
              s_verdict = \(columns.solutionVerdict), s_due_at = \(columns.solutionDue),
              s_target_ms = \(columns.solutionTarget?.ms), s_paused_ms = \(columns.solutionPaused?.ms),
              s_remaining_ms = \(columns.solutionRemaining?.ms), due_at = \(columns.due ?? farInstant),
              due_leg = \(columns.dueLeg), next_warning_at = \(columns.nextWarning),
              levels_stamp = \(columns.levelsStamp), levels_at = \(tx.now)
            where id = \(ticket.id) and version = \(ticket.version)
            """)
        guard changed == 1 else { return }
        try tx.addClockEvents(kept, ticket.id, cycle: ticket.cycle, after: events.count)
        // What the old levels say now, not what is stored: of a paused ticket that is as of its last change.
        let old = try TicketClock(stored, events, book)?.columns(at: tx.now) ?? stored.clocks
        let isMoved =
            old.responseDue != columns.responseDue || old.solutionDue != columns.solutionDue
        guard isMoved || !kept.isEmpty || old.policyVersion != columns.policyVersion else { return }
        try tx.record(
            Fact(
                "ticket.reevaluated", Subject("ticket", ticket.id), .internal,
                data: .make([
                    "policy": .of(columns.policyID), "policy_version": .of(columns.policyVersion),
                    "response_due_at": .of(columns.responseDue),
                    "solution_due_at": .of(columns.solutionDue), "kept": .array(kept.map(\.json)),
                ])))
    }

    /// The facts by which a ticket keeps what it was promised, where the service levels were edited since
    /// it was last evaluated; none where they were not.
    /// - Parameter version: the policy's version that it moves to; nil: it stays
    static func kept(
        _ stored: StoredTicket, _ events: [ClockEvent], _ book: LevelsBook, version: Int? = nil,
        at now: Instant
    ) throws -> [ClockEvent] {
        let frozen = stored.clocks.policyVersion
        guard stored.clocks.levelsStamp != book.stamp || (version ?? frozen) != frozen,
            let old = try TicketClock(stored, events, book),
            let new = try TicketClock(
                stored.ticket, policyID: stored.clocks.policyID, version: version ?? frozen, events, book)
        else { return [] }
        return ServiceClock.keeping(old: old.clock.state(at: now), new: new.clock.state(at: now), at: now)
    }
}
