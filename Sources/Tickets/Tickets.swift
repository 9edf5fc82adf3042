import Base
import Inventory
import ServiceLevels
import Store

/// The use cases of a ticket's life. Each runs inside the caller's transaction: load through the
/// person, check, let the rules decide, store all of the outcome or nothing.
public enum Tickets {
    /// Takes a step on a ticket. Refusals in the order of the API's conventions: 404, 403, 412/428, 409,
    /// and only then what is wrong with the content, which `content` reads.
    ///
    /// - Parameter checking: refuses a version that the caller has not seen, for steps that replace something
    @discardableResult
    static func take(
        _ step: Step, _ id: String, checking: (Int64) throws -> Void = { _ in }, _ tx: Transaction,
        _ content: (TicketView) throws -> TicketCommand
    ) throws -> TicketView {
        var view = try TicketView.load(id, tx)
        view.context = try context(view, for: step, tx)
        try view.ticket.permitRole(step, tx.actor, view.context)
        try checking(view.ticket.version)
        try view.ticket.permit(step, tx.actor, view.context, at: tx.now)
        let command = try content(view)
        let outcome = try view.ticket.taking(command, by: tx.actor, context: view.context, at: tx.now)
        return try apply(outcome, to: view, tx)
    }

    /// Stores an outcome: the ticket, its clock facts, its history, who sees it, who is told.
    @discardableResult
    static func apply(_ outcome: Outcome, to view: TicketView, _ tx: Transaction) throws -> TicketView {
        let before = view.ticket
        var next = outcome.ticket
        next.version = before.version + 1
        let settings = try TicketHouse.settings(tx)
        let book = try ServiceLevels.book(tx)
        var columns = view.stored.clocks
        var events = view.events
        var added: [ClockEvent] = []
        if let frozen = outcome.frozen {
            try tx.freeze(frozen, columns)
            events = []
        } else {
            // The service levels were edited since the last look: what was promised stays promised.
            added = try TicketReevaluation.kept(view.stored, events, book, at: tx.now)
        }
        added += outcome.clock.compactMap { $0.event(next) }
        if next.cycleOrigin != before.cycleOrigin || columns.policyID == nil, let origin = next.cycleOrigin,
            next.state != .draft, !next.isImported
        {
            let policy = try policy(for: next, receivedAt: origin, book, tx)
            columns.policyID = policy.id
            columns.policyVersion = policy.version
        }
        try tx.addClockEvents(added, next.id, cycle: next.cycle, after: events.count)
        events += added
        if let clock = try TicketClock(
            next, policyID: columns.policyID, version: columns.policyVersion, events, book)
        {
            columns = clock.columns(at: tx.now)
        }
        try tx.update(next, columns, from: before.version, settings)
        try tx.grantAccess(next, before: TicketAccess.principals(before))
        try record(outcome.facts, next, tx)
        try acknowledgeByActing(next.id, tx)
        try tell(outcome.notices, next, tx)
        for child in outcome.children { try insert(child, tx) }
        if outcome.releasesReservations { try Inventory.giveUpAll(of: next.id, tx) }
        if textChanged(before, next) { try TicketSearch.index(next, tx) }
        if recordsChanged(before, next) { try TicketSearch.indexRecords(next, tx) }
        tx.signal(Signal(Subject("ticket", next.id)))
        let stored = StoredTicket(ticket: next, clocks: columns, updatedAt: tx.now)
        return TicketView(stored: stored, events: events, book: book, context: view.context)
    }

    /// Stores a new ticket with what happened to it so far.
    @discardableResult
    package static func insert(_ outcome: Outcome, _ tx: Transaction) throws -> TicketView {
        let ticket = outcome.ticket
        let settings = try TicketHouse.settings(tx)
        let book = try ServiceLevels.book(tx)
        var columns = ClockColumns()
        let events = outcome.clock.compactMap { $0.event(ticket) }
        if let origin = ticket.cycleOrigin, ticket.state != .draft, !ticket.isImported {
            let policy = try policy(for: ticket, receivedAt: origin, book, tx)
            columns.policyID = policy.id
            columns.policyVersion = policy.version
            try tx.addClockEvents(events, ticket.id, cycle: ticket.cycle, after: 0)
            if let clock = try TicketClock(ticket, policyID: policy.id, version: policy.version, events, book)
            {
                columns = clock.columns(at: tx.now)
            }
        }
        try tx.insert(ticket, columns, settings)
        try tx.grantAccess(ticket, before: [])
        try record(outcome.facts, ticket, tx)
        try tell(outcome.notices, ticket, tx)
        try TicketSearch.index(ticket, tx)
        tx.signal(Signal(Subject("tickets", "all")))
        return TicketView(
            stored: StoredTicket(ticket: ticket, clocks: columns, updatedAt: tx.now), events: events,
            book: book,
            context: RuleContext(settings: settings))
    }

    private static func record(_ facts: [TicketFact], _ ticket: Ticket, _ tx: Transaction) throws {
        for fact in facts {
            var members = fact.data.members ?? []
            if let text = fact.text { members.append(.init("text", .string(text))) }
            if !tx.actor.isStaff { members.append(.init("outside", .bool(true))) }
            let number = try tx.record(
                Fact(
                    "ticket." + fact.name, Subject("ticket", ticket.id),
                    fact.visibility == .public ? .public : .internal, data: .object(members)))
            // The submission's text is the ticket's own description, which has its document already.
            if let text = fact.text, fact.name != Step.submission.rawValue {
                try TicketSearch.index(fact: number, fact.visibility, text, ticket, tx)
            }
        }
    }

    private static func textChanged(_ a: Ticket, _ b: Ticket) -> Bool {
        a.title != b.title || a.description != b.description || a.state == .draft
            || a.organization != b.organization
            || a.site != b.site
    }

    private static func recordsChanged(_ a: Ticket, _ b: Ticket) -> Bool {
        a.cause != b.cause || a.solution?.statement != b.solution?.statement || a.interim != b.interim
            || a.completion != b.completion || a.archive != b.archive
    }

    /// Parts of a rule context that a page has read for its own sake.
    struct KnownContext {
        var holdsTask: Bool
        var openChildren: Int
    }

    /// What the rules need to know beside ticket, person and time; only what the step asks for is read.
    ///
    /// - Parameter known: what the caller has read already
    static func context(
        _ view: TicketView, for step: Step? = nil, known: KnownContext? = nil, _ tx: Transaction
    ) throws -> RuleContext {
        let ticket = view.ticket
        let settings = try TicketHouse.settings(tx)
        var context = RuleContext(settings: settings)
        context.relation = Relation.of(tx.actor, to: ticket)
        if let known {
            if known.holdsTask, ticket.tasksOpen > 0 { context.relation.insert(.holdsTask) }
        } else if ticket.tasksOpen > 0, let me = tx.actor.id {
            if try tx.exists(
                "select 1 from ticket_task where ticket_id = \(ticket.id) and owner_id = \(me)")
            {
                context.relation.insert(.holdsTask)
            }
        }
        if let site = ticket.site, ticket.state == .awaitingEvaluation, step == nil || step == .attestation {
            context.siteLeads = Set(try TicketPeople.holders(of: .siteLead, site: site, tx))
        }
        if settings.fourEyes == .whenPossible, let me = tx.actor.id, ticket.workers.contains(me) {
            context.noOtherPersonFor = try stepsOfNobodyElse(ticket, tx)
        }
        if ticket.state == .submitted, step == nil || step == .assignment, let me = tx.actor.id {
            context.isOnDuty = try TicketHouse.onDuty(tx).contains(me)
        }
        if let state = view.clock?.clock.state(at: tx.now) {
            context.computedResponseMet = state.response.verdict.isMet
            context.computedSolutionMet = state.solution.verdict.isMet
        }
        if let known {
            context.openChildren = known.openChildren
        } else if step == nil || step == .closure || step == .merge {
            // The plus keeps SQLite from going through all open tickets instead of the few parts.
            context.openChildren = Int(
                try tx.int(
                    "select count(*) from ticket where parent_id = \(ticket.id) and +is_open = 1"))
        }
        if ticket.state == .completed, step == nil || step == .archive {
            context.hasUnsettledStock = try Inventory.isUnsettled(ticket.id, tx)
        }
        if let clock = view.clock {
            let calendar = view.book.calendars[clock.policy.solutionCalendar]
            context.workingDays = { from, to in
                guard let calendar else { return Int((to - from).ms / Span.days(1).ms) + 1 }
                return calendar.workingDays(from: from, to: to)
            }
        }
        return context
    }

    /// Steps that forbid own work and that no other active person could take.
    private static func stepsOfNobodyElse(_ ticket: Ticket, _ tx: Transaction) throws -> Set<Step> {
        let roles = Dictionary(
            uniqueKeysWithValues: Step.allCases.filter(\.rule.forbidsOwnWork).map { step in
                (step, Set(step.rule.grants.compactMap(\.role)))
            })
        let others = try TicketPeople.roles(
            roles.values.reduce(into: []) { $0.formUnion($1) }, heldByOthersThan: ticket.workers, tx)
        return Set(roles.filter { $0.value.isDisjoint(with: others) }.keys)
    }
}

extension Verdict {
    /// nil while pending and where void.
    var isMet: Bool? {
        switch self {
        case .met: true
        case .missed: false
        case .pending, .void: nil
        }
    }
}

/// A ticket in the hands of one person: with its clocks and what the rules need.
public struct TicketView: Sendable {
    public let stored: StoredTicket
    public let events: [ClockEvent]
    public let book: LevelsBook
    public var context: RuleContext
    /// The clock of the present cycle; nil for drafts and imported tickets.
    let clock: TicketClock?

    init(stored: StoredTicket, events: [ClockEvent], book: LevelsBook, context: RuleContext) {
        self.stored = stored
        self.events = events
        self.book = book
        self.context = context
        clock = try? TicketClock(stored, events, book)
    }

    public var ticket: Ticket { stored.ticket }

    /// 404 where it is absent or not visible.
    static func load(_ id: String, _ tx: Transaction) throws -> TicketView {
        let stored = try tx.ticket(id)
        let events = try tx.clockEvents(stored.ticket.id, cycle: stored.ticket.cycle)
        return TicketView(
            stored: stored, events: events, book: try ServiceLevels.book(tx), context: RuleContext())
    }

    /// The steps open to the caller now, the primary one first.
    func allowed(_ tx: Transaction) -> [Step] { ticket.allowed(for: tx.actor, context: context, at: tx.now) }
}
