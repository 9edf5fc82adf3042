import Base
import ServiceLevels
import Store

/// The bridge between a ticket's steps and the service levels' clock: effects become stored facts, and
/// the one pure function gives what the queue needs.
struct TicketClock: Sendable {
    let ticket: Ticket
    let policy: ServiceLevelPolicy
    let clock: ServiceClock
    private let stamp: Int64

    /// The clock of the present cycle, by the service levels that the ticket was last evaluated by; nil
    /// where none runs: drafts, imported tickets.
    init?(_ stored: StoredTicket, _ events: [ClockEvent], _ book: LevelsBook) throws {
        try self.init(
            stored.ticket, policyID: stored.clocks.policyID, version: stored.clocks.policyVersion, events,
            book.at(stored.clocks.levelsStamp))
    }

    init?(_ ticket: Ticket, policyID: String?, version: Int?, _ events: [ClockEvent], _ book: LevelsBook)
        throws
    {
        guard let policyID, let version, let policy = book.policy(policyID, version: version),
            let origin = ticket.cycleOrigin
        else { return nil }
        self.ticket = ticket
        self.policy = policy
        stamp = book.stamp
        // Terms 0 are those of no category, 1, 2, 3 those of the categories in their order: a change of
        // category is a change of terms.
        let others = try Category.allCases.map { try book.terms(policy, category: $0.rawValue) }
        clock = ServiceClock(
            origin: origin, events: events, terms: try book.terms(policy, category: nil), others: others)
    }

    func columns(at now: Instant) -> ClockColumns {
        var c = ClockColumns()
        let state = clock.state(at: now)
        c.policyID = policy.id
        c.policyVersion = policy.version
        c.levelsStamp = stamp
        c.responseVerdict = state.response.verdict
        c.responseDue = state.response.projectedDue
        c.responseTarget = state.response.target
        c.responseStopped = state.response.stoppedAt
        c.solutionVerdict = state.solution.verdict
        c.solutionDue = state.solution.projectedDue
        c.solutionTarget = state.solution.target
        c.solutionStopped = state.solution.stoppedAt
        c.solutionPaused = state.solution.paused
        c.solutionRemaining = state.solution.isPaused ? state.solution.remaining : nil
        for leg in Leg.allCases where state[leg].isRunning && !state[leg].isPaused {
            if c.due.map({ state[leg].projectedDue < $0 }) ?? true {
                c.due = state[leg].projectedDue
                c.dueLeg = leg
            }
        }
        c.nextWarning = state.nextWarning
        return c
    }
}

extension Ticket {
    /// Where the present cycle's clocks begin: the receipt, or the last reopening.
    public var cycleOrigin: Instant? { reopenedAt ?? receivedAt }

    /// Which of the clock's terms its grade is measured by.
    var terms: UInt8 {
        category.flatMap { Category.allCases.firstIndex(of: $0) }.map { UInt8($0 + 1) } ?? 0
    }
}

extension ClockEffect {
    /// The fact to store; nil for what starts a clock, which is its origin.
    func event(_ ticket: Ticket) -> ClockEvent? {
        switch self {
        case .start, .reopened(_, nil, _): nil
        case .reopened(_, let priority?, let at):
            ClockEvent(at, .graded(Grade(priority, terms: ticket.terms)))
        case .graded(let priority, _, let at):
            ClockEvent(at, .graded(Grade(priority, terms: ticket.terms)))
        case .responded(let at): ClockEvent(at, .responded)
        case .paused(let at): ClockEvent(at, .paused)
        case .resumed(let at): ClockEvent(at, .resumed)
        case .solutionGiven(let at, let interim): ClockEvent(at, .solutionGiven(interim: interim))
        case .solutionRefused(let at, _, _): ClockEvent(at, .solutionRefused)
        case .solutionAccepted(let at, _, _): ClockEvent(at, .solutionAccepted)
        case .decisionReturned(let at, _): ClockEvent(at, .decisionReturned)
        case .rejected(let at): ClockEvent(at, .rejected)
        case .voided(let at): ClockEvent(at, .voided)
        case .revived(let at): ClockEvent(at, .objected)
        case .reported(let at, _): ClockEvent(at, .completionReported)
        case .closed(let at, _): ClockEvent(at, .closed)
        case .reprioritised(let kind, _, let to, let at):
            ClockEvent(
                at,
                .reprioritised(
                    kind == .misjudged ? .misjudged : .impactChanged, Grade(to, terms: ticket.terms)))
        }
    }
}
