import Base
import ServiceLevels
import Tickets

/// One person per role, one customer, one project with a site.
enum World {
    static let start = Instant(seconds: 1_772_700_000)
    static let customerOrg = OrganizationID("org")
    static let unit = OrganizationID("unit")
    static let site = SiteID("site")
    static let project = ProjectID("project")

    static func staff(_ name: String, _ roles: Role...) -> Actor {
        Actor(
            id: AccountID(name), name: name, roles: Roles(roles), organization: OrganizationID("house"),
            units: roles.contains(.engineer) ? [unit] : [], sites: roles.contains(.siteLead) ? [site] : [],
            projects: roles.contains(.technicalLead) ? [project] : [], isStaff: true)
    }

    static let customer = Actor(
        id: AccountID("customer"), name: "customer", roles: Roles(.customer), organization: customerOrg)
    static let colleague = Actor(
        id: AccountID("colleague"), name: "colleague", roles: Roles(.customer), organization: customerOrg)
    static let stranger = Actor(
        id: AccountID("stranger"), name: "stranger", roles: Roles(.customer),
        organization: OrganizationID("other"))
    static let manager = staff("manager", .serviceManager)
    static let engineer = staff("engineer", .engineer)
    static let engineer2 = staff("engineer2", .engineer)
    static let lead = staff("lead", .technicalLead)
    static let boss = staff("boss", .management)
    static let siteLead = staff("site_lead", .siteLead)
    static let quality = staff("quality", .quality)
    static let all = [
        customer, colleague, stranger, manager, engineer, engineer2, lead, boss, siteLead, quality,
        staff("keeper", .keeper), staff("administrator", .administrator), staff("auditor", .auditor),
        staff("supplier", .supplier), staff("finance", .finance), staff("trainer", .trainer),
    ]

    static func draft(_ category: Category = .quality) -> Ticket {
        var t = Ticket(
            id: TicketID("t1"), number: "FT-1", title: "Azimuth over-current", description: "AZ-217 at 214°",
            category: category, createdBy: customer.id, createdAt: start)
        t.requester = customer.id
        t.organization = customerOrg
        t.unit = unit
        t.project = project
        t.site = site
        return t
    }

    static func context(_ ticket: Ticket, _ actor: Actor) -> RuleContext {
        var c = RuleContext(relation: .of(actor, to: ticket), siteLeads: [AccountID("site_lead")])
        c.computedResponseMet = true
        c.computedSolutionMet = true
        return c
    }

    static func grading(_ priority: Priority) -> Grading {
        Grading(axes: ["impact": "large", "commonness": "common"], schemeGrade: priority)
    }
}

/// A ticket on its way, with every clock effect so far.
struct Life {
    var ticket: Ticket
    var now = World.start
    var clock: [ClockEffect] = []
    var last: Outcome
    var adjust: @Sendable (inout RuleContext) -> Void = { _ in }

    init(_ ticket: Ticket) {
        self.ticket = ticket
        last = Outcome(ticket)
    }

    mutating func take(_ command: TicketCommand, _ actor: Actor, after: Span = .minutes(10)) throws {
        let at = now + after
        var context = World.context(ticket, actor)
        adjust(&context)
        last = try ticket.taking(command, by: actor, context: context, at: at)
        now = at
        ticket = last.ticket
        clock += last.clock
    }

    /// The code of the refusal, or of its first field; nil where it went through.
    func refusal(_ command: TicketCommand, _ actor: Actor, after: Span = .minutes(10)) -> String? {
        var context = World.context(ticket, actor)
        adjust(&context)
        do throws(Failure) {
            _ = try ticket.taking(command, by: actor, context: context, at: now + after)
            return nil
        } catch {
            return error.fields.first.map { error.code == "invalid" ? $0.code : error.code } ?? error.code
        }
    }

    func allowed(_ actor: Actor) -> [Step] {
        var context = World.context(ticket, actor)
        adjust(&context)
        return ticket.allowed(for: actor, context: context, at: now)
    }

    /// Up to in_progress, answered.
    static func inWork(_ category: Category = .quality, _ priority: Priority = .p2) throws -> Life {
        var life = Life(World.draft(category))
        try life.take(.submission(Submission()), World.customer)
        try life.take(
            .approval(Approval(category: category, grading: World.grading(priority))), World.manager)
        try life.take(.assignment(Assignment(engineer: AccountID("engineer"))), World.manager)
        try life.take(.acceptance, World.engineer)
        try life.take(.response(Message(body: "Taken over", channel: .web)), World.engineer)
        return life
    }

    static let plan = Plan(milestones: [Milestone(title: "Levelling", dueAt: World.start + .days(30))])
    static let good = Rating(response: 5, attitude: 5, skill: 4, result: 5)

    /// Up to awaiting_evaluation.
    static func reported(_ category: Category = .quality, _ priority: Priority = .p2) throws -> Life {
        var life = try inWork(category, priority)
        if category == .quality {
            try life.take(.cause(CauseStatement(statement: "Capacitors aged")), World.lead)
        }
        try life.take(
            .solution(SolutionStatement(statement: "Replace", plan: category == .project ? plan : nil)),
            World.engineer)
        if life.ticket.state == .awaitingDecision {
            try life.take(.decision(DecisionStatement(outcome: .approved, statement: "Go")), World.boss)
        }
        try life.take(.completion(CompletionReport(report: "Done", nature: .technical)), World.engineer)
        return life
    }

    /// Up to completed.
    static func completed(_ category: Category = .quality, _ priority: Priority = .p2) throws -> Life {
        var life = try reported(category, priority)
        try life.take(.evaluation(good), World.customer)
        try life.take(
            .attestation(AttestationStatement(responseMet: true, solutionMet: true)), World.siteLead)
        try life.take(.closure(ClosureStatement(outcome: .approved)), World.manager)
        return life
    }

    static func archived() throws -> Life {
        var life = try completed()
        try life.take(.archive(summary: "Drives replaced", lesson: nil), World.quality)
        return life
    }
}

/// A command of a step with content that is right for the ticket.
func sample(_ step: Step, _ ticket: Ticket, at now: Instant, pick: UInt64 = 0) -> TicketCommand {
    let reason = Reason("because")
    switch step {
    case .submission: return .submission(Submission())
    case .objection: return .objection(reason)
    case .proposal:
        return .proposal(Proposal(category: ticket.category ?? .quality, grading: World.grading(.p3)))
    case .approval:
        let priority = Priority(rawValue: Int(pick % 4) + 1) ?? .p2
        return .approval(
            Approval(category: ticket.category ?? .quality, grading: World.grading(priority)))
    case .rejection: return .rejection(reason)
    case .assignment:
        let other = ticket.engineer == AccountID("engineer") ? "engineer2" : "engineer"
        return .assignment(
            Assignment(
                engineer: AccountID(other), emergency: ticket.state == .submitted ? "mission stops" : nil))
    case .acceptance: return .acceptance
    case .refusal: return .refusal(reason)
    case .responses: return .response(Message(body: "hello", channel: .phone))
    case .notes: return .note(Message(body: "note"))
    case .attachments: return .attachment(name: "log.csv")
    case .pause: return .pause(question: "question \(ticket.pauseCount) \(now.ms)")
    case .resumption: return .resumption(Resumption(channel: .phone))
    case .cause: return .cause(CauseStatement(statement: "aged"))
    case .solution:
        let interim = ticket.state == .inProgress && ticket.cause == nil
        return .solution(
            SolutionStatement(statement: "replace", isInterim: interim, plan: Life.plan))
    case .solutionAcceptance: return .solutionAcceptance(reason: nil)
    case .solutionRefusal: return .solutionRefusal(reason)
    case .decision:
        return .decision(
            DecisionStatement(outcome: pick % 3 == 0 ? .returned : .approved, statement: "decided"))
    case .completion: return .completion(CompletionReport(report: "done", nature: .technical))
    case .evaluation: return .evaluation(Life.good)
    case .attestation: return .attestation(AttestationStatement(responseMet: true, solutionMet: true))
    case .contactAttempts:
        return .contactAttempt(
            ContactAttempt(channel: pick % 2 == 0 ? .phone : .mail, at: now, note: "no answer"))
    case .closure:
        let outcome: Closure.Outcome =
            ticket.state != .awaitingClosure
            ? .unreachable : ticket.provisional != nil || ticket.tasksOpen > 0 ? .returned : .approved
        return .closure(ClosureStatement(outcome: outcome, comment: "checked"))
    case .archive: return .archive(summary: "summed up", lesson: nil)
    case .reopening: return .reopening(reason)
    case .addenda: return .addendum(body: "more")
    case .tasks: return .task(CoordinationTask(kind: .material, title: "reserve"))
    case .visits:
        return .visit(Visit(engineer: AccountID("engineer"), startAt: now, endAt: now + .hours(2)))
    case .nextAction:
        return .nextAction(NextAction(at: now + .hours(1), owner: AccountID("engineer"), text: "call"))
    case .classification:
        return .classification(
            Reclassification(category: ticket.category ?? .quality, nature: .service, reason: "seen"))
    case .priority:
        let priority = Priority(rawValue: Int(pick % 4) + 1) ?? .p2
        return .priority(
            Regrading(grading: World.grading(priority), kind: .impactChanged, reason: "grown"))
    case .split:
        return .split([Part(id: TicketID("t2"), number: "FT-2", title: "part", description: "a part")])
    case .merge:
        return .merge(
            MergeTarget(
                id: TicketID("t0"), organization: ticket.organization, state: .inProgress,
                receivedAt: ticket.receivedAt))
    case .cancellation: return .cancellation(reason)
    }
}
