import Base

/// What can be done with a ticket. The raw value is the path below `/api/v1/tickets/{id}/`.
/// The order is that in which steps are offered behind the primary one.
public enum Step: String, Sendable, CaseIterable, Codable {
    case submission, objection, proposal, approval, rejection, assignment, acceptance, refusal
    case responses, notes, attachments
    case pause, resumption, cause, solution
    case solutionAcceptance = "solution/acceptance"
    case solutionRefusal = "solution/refusal"
    case decision, completion, evaluation, attestation
    case contactAttempts = "contact-attempts"
    case closure, archive, reopening, addenda
    case tasks, visits
    case nextAction = "next-action"
    case classification, priority, split, merge, cancellation
}

/// A set of states in one word.
public struct TicketStates: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public init(_ states: TicketState...) {
        rawValue = states.reduce(0) { $0 | TicketStates.bit($1) }
    }
    private static func bit(_ state: TicketState) -> UInt32 {
        bits[state] ?? 0
    }
    private static let bits = Dictionary(
        uniqueKeysWithValues: zip(TicketState.allCases, (0..<32).map { UInt32(1) << UInt32($0) }))
    public func contains(_ state: TicketState) -> Bool { rawValue & TicketStates.bit(state) != 0 }
    public var list: [TicketState] { TicketState.allCases.filter { contains($0) } }

    /// Dispatched and not yet reported as done.
    public static let inWork = TicketStates(
        .dispatched, .inProgress, .waitingOnCustomer, .awaitingDecision, .implementing)
    /// Opened and not yet reported as done.
    public static let working = inWork.union(TicketStates(.opened))
    public static let finishing = TicketStates(.awaitingEvaluation, .awaitingClosure)
    public static let opened = working.union(finishing)
    public static let open = opened.union(TicketStates(.submitted))
    /// People still talk.
    public static let talking = open.union(TicketStates(.rejected, .completed))
}

/// How a person stands to one ticket.
public struct Relation: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Asked for it; a valid one-time link for the rating counts as this.
    public static let requester = Relation(rawValue: 1)
    /// Of the customer's organisation.
    public static let sameOrganization = Relation(rawValue: 2)
    public static let assigned = Relation(rawValue: 4)
    /// Of the unit that it was routed to, or one above it.
    public static let ofUnit = Relation(rawValue: 8)
    public static let entered = Relation(rawValue: 16)
    public static let holdsTask = Relation(rawValue: 32)
    /// Holds a post in its project.
    public static let inProject = Relation(rawValue: 64)
    /// Site lead of its site.
    public static let atSite = Relation(rawValue: 128)
    /// Was or is to visit the customer for it.
    public static let visits = Relation(rawValue: 256)

    /// Any tie that lets an engineer or technical lead work on it.
    public static let involved: Relation = [
        .assigned, .ofUnit, .entered, .holdsTask, .inProject, .visits,
    ]

    /// The relation of a signed-in person.
    public static func of(_ actor: Actor, to ticket: Ticket, holdsTask: Bool = false) -> Relation {
        var relation: Relation = holdsTask ? [.holdsTask] : []
        if let id = actor.id {
            if id == ticket.requester { relation.insert(.requester) }
            if id == ticket.engineer { relation.insert(.assigned) }
            if id == ticket.createdBy { relation.insert(.entered) }
            if ticket.visitors?.contains(id) ?? false { relation.insert(.visits) }
        }
        if let own = actor.organization, own == ticket.organization, !actor.isStaff {
            relation.insert(.sameOrganization)
        }
        if let unit = ticket.unit, actor.units.contains(unit) { relation.insert(.ofUnit) }
        if let project = ticket.project, actor.projects.contains(project) { relation.insert(.inProject) }
        if let site = ticket.site, actor.sites.contains(site) { relation.insert(.atSite) }
        return relation
    }
}

/// One way to be entitled to a step: a role, a tie to the ticket, or both.
public struct Grant: Sendable, Equatable {
    /// Nil: the tie alone is enough.
    public var role: Role?
    /// Any of these; empty: none needed.
    public var relation: Relation

    func covers(_ actor: Actor, _ own: Relation) -> Bool {
        (role.map { actor.has($0) } ?? true) && (relation.isEmpty || !own.isDisjoint(with: relation))
    }

    static let customer = Grant(role: .customer, relation: [.requester, .sameOrganization])
    /// The person who asked; by a one-time link without any role.
    static let requester = Grant(role: nil, relation: .requester)
    static let assignee = Grant(role: .engineer, relation: .assigned)
    static let engineer = Grant(role: .engineer, relation: .involved)
    static let technicalLead = Grant(role: .technicalLead, relation: .involved)
    static let siteLead = Grant(role: .siteLead, relation: [.atSite])
    static let serviceManager = Grant(role: .serviceManager, relation: [])
    static let management = Grant(role: .management, relation: [])
    static let quality = Grant(role: .quality, relation: [])
    /// Whoever typed it in.
    static func entered(_ role: Role) -> Grant { Grant(role: role, relation: .entered) }
}

/// The table of steps: one row.
public struct StepRule: Sendable, Equatable {
    /// States in which the step can be taken, perhaps under a condition (`Ticket.stateRefusal`).
    public var states: TicketStates
    public var grants: [Grant]
    /// Person, post and time go into the chained history; pages ask for the password again.
    public var isSigned = false
    /// A reason, question or statement has to be given.
    public var needsReason = false
    /// Refused to whoever worked on the ticket in this cycle.
    public var forbidsOwnWork = false
}

extension Step {
    /// The step's row of the table.
    public var rule: StepRule { Step.table[self] ?? row }

    private static let table = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0, $0.row) })

    private var row: StepRule {
        switch self {
        case .submission:
            StepRule(
                states: .init(.draft),
                grants: [
                    .customer, .entered(.engineer), .entered(.siteLead), .entered(.serviceManager),
                ])
        case .objection:
            StepRule(states: .init(.rejected), grants: [.requester], needsReason: true)
        case .proposal:
            StepRule(
                states: TicketStates.open.subtracting(.init(.opened)),
                grants: [.engineer, .siteLead, .technicalLead, .serviceManager])
        case .approval:
            StepRule(
                states: TicketStates.open.subtracting(.init(.opened)), grants: [.serviceManager])
        case .rejection:
            StepRule(states: .init(.submitted), grants: [.serviceManager], needsReason: true)
        case .assignment:
            StepRule(
                states: TicketStates.working.union(.init(.submitted)),
                grants: [
                    .serviceManager, Grant(role: .engineer, relation: []),
                    Grant(role: .siteLead, relation: []), Grant(role: .technicalLead, relation: []),
                ])
        case .acceptance: StepRule(states: .init(.dispatched), grants: [.assignee])
        case .refusal: StepRule(states: .init(.dispatched), grants: [.assignee], needsReason: true)
        case .responses:
            StepRule(
                states: .talking,
                grants: [.customer, .engineer, .serviceManager, .technicalLead, .siteLead],
                needsReason: true)
        case .notes:
            StepRule(
                states: .talking, grants: [.engineer, .serviceManager, .technicalLead, .siteLead],
                needsReason: true)
        case .attachments:
            StepRule(
                states: TicketStates.talking.union(.init(.draft)),
                grants: [
                    .customer, .engineer, .serviceManager, .technicalLead, .siteLead,
                ])
        case .pause: StepRule(states: .init(.inProgress), grants: [.assignee], needsReason: true)
        case .resumption:
            StepRule(
                states: .init(.waitingOnCustomer),
                grants: [.engineer, .serviceManager, .technicalLead, .siteLead])
        case .cause:
            StepRule(
                states: .init(.inProgress, .waitingOnCustomer, .awaitingDecision, .implementing),
                grants: [.technicalLead], isSigned: true, needsReason: true)
        case .solution:
            StepRule(
                states: .init(.inProgress, .implementing), grants: [.assignee, .technicalLead],
                needsReason: true)
        case .solutionAcceptance:
            StepRule(
                states: .init(.inProgress, .waitingOnCustomer, .awaitingDecision, .implementing),
                grants: [.customer, .siteLead], forbidsOwnWork: true)
        case .solutionRefusal:
            StepRule(
                states: .init(.inProgress, .waitingOnCustomer, .awaitingDecision, .implementing),
                grants: [.customer, .siteLead], needsReason: true, forbidsOwnWork: true)
        case .decision:
            StepRule(
                states: .init(.awaitingDecision, .implementing), grants: [.management], isSigned: true,
                needsReason: true, forbidsOwnWork: true)
        case .completion:
            StepRule(states: .init(.implementing), grants: [.assignee], needsReason: true)
        case .evaluation:
            StepRule(
                states: .init(.awaitingEvaluation, .awaitingClosure, .completed, .archived),
                grants: [.requester], forbidsOwnWork: true)
        case .attestation:
            StepRule(
                states: .init(.awaitingEvaluation), grants: [.siteLead, .serviceManager],
                isSigned: true, forbidsOwnWork: true)
        case .contactAttempts:
            StepRule(
                states: .opened, grants: [.engineer, .serviceManager, .siteLead], needsReason: true)
        case .closure:
            StepRule(
                states: .init(
                    .inProgress, .waitingOnCustomer, .implementing, .awaitingEvaluation,
                    .awaitingClosure), grants: [.serviceManager], forbidsOwnWork: true)
        case .archive: StepRule(states: .init(.completed), grants: [.quality], needsReason: true)
        case .reopening:
            StepRule(
                states: .init(.completed, .archived), grants: [.customer, .quality],
                needsReason: true)
        case .addenda:
            StepRule(
                states: .init(.archived),
                grants: [.quality, .serviceManager, .engineer, .technicalLead, .siteLead],
                needsReason: true)
        case .tasks: StepRule(states: .opened, grants: [.engineer, .serviceManager])
        case .visits: StepRule(states: .working, grants: [.engineer, .serviceManager])
        case .nextAction: StepRule(states: .open, grants: [.engineer, .serviceManager])
        case .classification:
            StepRule(
                states: TicketStates.opened.union(.init(.completed)), grants: [.serviceManager],
                needsReason: true)
        case .priority: StepRule(states: .working, grants: [.serviceManager], needsReason: true)
        case .split:
            StepRule(
                states: .init(.opened, .dispatched, .inProgress, .waitingOnCustomer),
                grants: [.serviceManager])
        case .merge:
            StepRule(
                states: TicketStates.working.union(.init(.submitted)), grants: [.serviceManager])
        case .cancellation:
            StepRule(
                states: TicketStates.working.union(.init(.draft, .submitted)),
                grants: [
                    .requester, .serviceManager, .entered(.engineer), .entered(.siteLead),
                    .entered(.customer),
                ],
                needsReason: true)
        }
    }
}
