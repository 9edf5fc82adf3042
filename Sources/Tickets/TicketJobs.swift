import Base
import ServiceLevels
import Store

/// Recurring work of the area. What it does stands in the store, so a restart loses and repeats nothing.
public enum TicketJobs {
    /// Facts of this and lower areas that tickets hear.
    public static let handlers: [FactHandler] =
        [
            TicketReevaluation.handler, AccountNotices.resetLink, TicketShipments.arrival,
        ] + TicketShipments.undone

    /// SLA warnings at 50, 75 and 100 % of a running leg: to the engineer, or the unit where none is
    /// assigned, and from 75 % on to the service manager too. Writes the verdict when a target is
    /// missed.
    public static func warn(_ store: Store, limit: Int = 200) async throws {
        let due = try await store.read(by: .system("sla")) { tx in
            // In quiet hours only P1 warns; the others wait, and only a missed target is written down.
            let ready: SQL =
                try TicketHouse.isQuiet(tx)
                ? """
                (priority = 1 or (r_verdict = 'pending' and r_due_at <= \(tx.now))
                  or (s_verdict = 'pending' and s_due_at <= \(tx.now)))
                """ : "1 = 1"
            return try tx.rows(
                """
                select id from ticket where next_warning_at <= \(tx.now) and \(ready)
                order by next_warning_at limit \(limit)
                """
            ) { $0.id(TicketKind.self) }
        }
        for id in due {
            try await store.write(by: .system("sla")) { tx in
                guard let stored = try tx.storedTicket(id),
                    stored.clocks.nextWarning.map({ $0 <= tx.now }) ?? false
                else { return }
                try Tickets.warn(stored, tx)
            }
        }
    }

    /// Unacknowledged notices go to management; an emergency whose approval is overdue to all service
    /// managers.
    public static func escalate(_ store: Store) async throws {
        try await store.write(by: .system("escalation")) { tx in
            let late = try tx.rows(
                """
                select id, ticket_id, kind from notice where escalate_at <= \(tx.now) order by escalate_at limit 200
                """
            ) { r in (r.text(), r.idOrNil(TicketKind.self), r.text()) }
            for (id, ticket, kind) in late {
                try tx.run("update notice set escalate_at = null, escalated_at = \(tx.now) where id = \(id)")
                guard let ticket, let stored = try tx.storedTicket(ticket) else { continue }
                // Several people got the same one: it goes up once.
                let again = try tx.exists(
                    """
                    select 1 from notice where ticket_id = \(ticket) and kind = 'ticket.escalated'
                      and data like \("%\"" + kind + "\"%") and at > \(tx.now - .hours(12))
                    """)
                if again { continue }
                for person in try TicketPeople.holders(of: .management, tx) {
                    try Tickets.notify(
                        person, ticket: stored.ticket, kind: "ticket.escalated",
                        data: .make(["notice": .string(kind)]), tx)
                }
                try tx.record(
                    Fact(
                        "ticket.escalated", Subject("ticket", ticket), .internal,
                        data: .make(["notice": .string(kind)])))
            }
            let unapproved = try tx.rows(
                "select id from ticket where provisional_due_at <= \(tx.now) limit 200"
            ) { $0.id(TicketKind.self) }
            for id in unapproved {
                guard let stored = try tx.storedTicket(id) else { continue }
                try tx.run("update ticket set provisional_due_at = \(tx.now + .hours(24)) where id = \(id)")
                try Tickets.tell(
                    [
                        Notice(.serviceManagers, "ticket.approval_overdue"),
                        Notice(.management, "ticket.approval_overdue"),
                    ],
                    stored.ticket, tx)
                try tx.record(Fact("ticket.approval_overdue", Subject("ticket", id)))
            }
        }
    }

    /// No rating within the time: its absence is recorded, and the ticket goes on.
    public static func recordAbsences(_ store: Store) async throws {
        let due = try await store.read(by: .system("evaluation")) { tx in
            try tx.rows("select id from ticket where absence_due_at <= \(tx.now) limit 200") {
                $0.id(TicketKind.self)
            }
        }
        for id in due {
            try await store.write(by: .system("evaluation")) { tx in
                guard let view = try TicketView.any(id, tx) else { return }
                let settings = try TicketHouse.settings(tx)
                guard let at = view.ticket.evaluationAbsenceDue(settings), at <= tx.now else { return }
                try Tickets.apply(
                    try view.ticket.evaluationFoundAbsent(settings: settings, at: tx.now), to: view, tx)
            }
        }
    }

    /// Removes uploads that were never attached.
    public static func sweep(_ store: Store) async throws {
        try await store.write(by: .system("sweep")) { try Attachments.sweep($0) }
    }
}

extension Tickets {
    /// Tells of every warning that has come due since the last look, and stores the legs as they stand.
    static func warn(_ stored: StoredTicket, _ tx: Transaction) throws {
        guard let view = try TicketView.any(stored.ticket.id, tx), let clock = view.clock else {
            try tx.run("update ticket set next_warning_at = null where id = \(stored.ticket.id)")
            return
        }
        let ticket = view.ticket
        var columns = clock.columns(at: tx.now)
        defer { tx.signal(Signal(Subject("ticket", ticket.id))) }
        if ticket.priority != .p1, try TicketHouse.isQuiet(tx) {
            try tx.run(
                """
                update ticket set r_verdict = \(columns.responseVerdict), s_verdict = \(columns.solutionVerdict)
                where id = \(ticket.id)
                """)
            return
        }
        let state = clock.clock.state(at: tx.now)
        for leg in Leg.allCases {
            guard let percent = reached(leg, since: stored.clocks.nextWarning ?? tx.now, clock, tx) else {
                continue
            }
            let data: JSON = .make([
                "leg": .string(leg.rawValue), "percent": .of(percent), "due_at": .of(state[leg].projectedDue),
            ])
            var people = Set([ticket.engineer].compactMap { $0 })
            if people.isEmpty || percent >= 75 {
                let managers =
                    try ticket.unit.map { try TicketPeople.holders(of: .serviceManager, unit: $0, tx) } ?? []
                people.formUnion(
                    managers.isEmpty ? try TicketPeople.holders(of: .serviceManager, tx) : managers)
            }
            for person in people.sorted() {
                try notify(
                    person, ticket: ticket, kind: percent >= 100 ? "ticket.sla_missed" : "ticket.sla_warning",
                    data: data, tx)
            }
            try tx.record(Fact("ticket.sla_warning", Subject("ticket", ticket.id), .internal, data: data))
        }
        // The last warning of a missed leg is told with it.
        if let next = columns.nextWarning, next <= tx.now { columns.nextWarning = nil }
        try tx.run(
            """
            update ticket set next_warning_at = \(columns.nextWarning), r_verdict = \(columns.responseVerdict),
              s_verdict = \(columns.solutionVerdict) where id = \(ticket.id)
            """)
    }

    /// The highest warning of a leg that has come due since a time: after a standstill or quiet hours
    /// the latest one says all that the earlier ones would have.
    private static func reached(_ leg: Leg, since: Instant, _ clock: TicketClock, _ tx: Transaction) -> Int? {
        var found: Int?
        var at = since - Span(ms: 1)
        while true {
            let state = clock.clock.state(at: at)[leg]
            guard state.isRunning, let percent = state.nextWarningPercent, let next = state.nextWarning,
                next <= tx.now, next > at
            else { return found }
            found = percent
            at = next
        }
    }
}

extension TicketView {
    /// Any ticket, for the system's own jobs.
    static func any(_ id: TicketID, _ tx: Transaction) throws -> TicketView? {
        guard let stored = try tx.storedTicket(id) else { return nil }
        return TicketView(
            stored: stored, events: try tx.clockEvents(id, cycle: stored.ticket.cycle),
            book: try ServiceLevels.book(tx),
            context: RuleContext(settings: try TicketHouse.settings(tx)))
    }
}
