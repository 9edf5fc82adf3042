import Base
import ServiceLevels

public enum CatalogueItemKind {}
public enum KnownProblemKind {}
public typealias CatalogueItemID = ID<CatalogueItemKind>
public typealias KnownProblemID = ID<KnownProblemKind>

/// Where a ticket stands. Only the rules of `TicketRules*.swift` move it.
public enum TicketState: String, Sendable, CaseIterable, Codable {
    case draft, submitted, rejected, opened, dispatched
    case inProgress = "in_progress"
    case waitingOnCustomer = "waiting_on_customer"
    case awaitingDecision = "awaiting_decision"
    case implementing
    case awaitingEvaluation = "awaiting_evaluation"
    case awaitingClosure = "awaiting_closure"
    case completed, archived, cancelled, merged

    /// Somebody in the house still has work to do on it.
    public var isOpen: Bool { TicketStates.open.contains(self) }
}

/// Decides the workflow.
public enum Category: String, Sendable, CaseIterable, Codable {
    case quality, request, project
}

/// Decides what is counted; due at the completion report at the latest.
public enum Nature: String, Sendable, CaseIterable, Codable {
    case technical, quality, service, human
}

/// The way by which people spoke.
public enum Channel: String, Sendable, CaseIterable, Codable {
    case web, mail, phone, chat, video, letter, visit
}

/// How a ticket came to be.
public enum Origin: String, Sendable, CaseIterable, Codable {
    /// Entered by a customer.
    case customer
    /// Entered by staff on a customer's behalf.
    case staff
    /// A part of another ticket.
    case split
    /// Taken over from another system: archived, outside computed rates, gates and warnings.
    case imported
}

/// A ticket with all that its rules need. Records carry the present cycle only; what a reopening
/// freezes is handed out as `PastCycle`.
public struct Ticket: Sendable, Equatable, Codable {
    public var id: TicketID
    public var number: String
    public var state: TicketState = .draft
    /// 1, and one more with each reopening.
    public var cycle = 1
    public var origin: Origin = .customer
    public var version: Int64 = 1
    public var createdBy: AccountID?
    public var createdAt: Instant

    // What is asked
    public var title: String
    public var description: String
    public var category: Category?
    public var nature: Nature?
    public var subType: String?
    /// The requester's own word; kept beside the grade, never overwritten.
    public var urgency: String?
    public var outline: String?
    public var complaint = false

    // The grade
    /// Level by axis: `impact`, `commonness` in the default scheme.
    public var axes: [String: String] = [:]
    public var safety = false
    /// Nil until graded.
    public var priority: Priority?
    public var gradedBy: AccountID?
    /// Set while the grade is only an emergency's and the approval is still due.
    public var provisional: Provisional?
    public var proposal: Proposal?

    // Who and where
    public var requester: AccountID?
    /// For a requester without an account.
    public var requesterName: String?
    public var organization: OrganizationID?
    public var project: ProjectID?
    public var site: SiteID?
    public var engineer: AccountID?
    /// The unit of the house that it was routed to.
    public var unit: OrganizationID?
    public var parent: TicketID?
    public var mergedInto: TicketID?
    public var catalogueItem: CatalogueItemID?

    // The item (Table 2 of the form)
    public var productUnit: ProductUnitID?
    /// One of the first tickets of a new model; nil: not.
    public var isWatched: Bool?
    public var product: String?
    public var model: String?
    public var serial: String?
    public var batch: String?
    public var configuration: String?
    public var operatingHours: String?
    public var partNumber: String?
    public var quantity: String?
    public var environment: String?
    public var failureMode: String?
    public var importance: String?
    public var difficulty: String?

    // Times
    public var foundAt: Instant?
    public var foundPlace: String?
    /// When the house got it: the origin of the clocks. Nil in a draft.
    public var receivedAt: Instant?
    public var receivedReason: String?
    /// In a draft: the receipt that staff stated, until its submission makes it the origin of the clocks.
    public var statedReceipt: Instant?
    /// The present cycle began anew here; nil in the first.
    public var reopenedAt: Instant?
    /// The first public answer by a person in this cycle.
    public var respondedAt: Instant?
    /// Where the solution leg stands still; provisional until completion.
    public var solutionStoppedAt: Instant?
    public var pausedAt: Instant?
    /// The last time that the customer spoke.
    public var customerSpokeAt: Instant?
    /// Nil: the next due time of a running leg, owned by whose turn it is.
    public var nextAction: NextAction?

    // Records of this cycle
    public var questions: [Question] = []
    public var contactAttempts: [ContactAttempt] = []
    public var cause: Cause?
    /// The last interim measure.
    public var interim: Solution?
    public var solution: Solution?
    /// Approved plans, the valid one last.
    public var baselines: [Plan] = []
    public var decision: Decision?
    public var completion: Completion?
    public var evaluation: Evaluation?
    public var evaluationAbsentAt: Instant?
    public var lateEvaluation: Evaluation?
    /// Ratings given before a closure was returned: kept, so that nobody returns a ticket to lose one.
    public var earlierEvaluations: [Evaluation] = []
    public var attestation: Attestation?
    public var closure: Closure?
    public var archive: Archive?
    public var selfApprovals: [SelfApproval] = []
    /// Whoever was assigned in this cycle or wrote its cause, solution or completion.
    public var workers: Set<AccountID> = []
    /// Whoever a visit was planned for in this cycle; nil: nobody.
    public var visitors: Set<AccountID>?
    /// Pauses of this cycle.
    public var pauseCount: Int { questions.count }
    /// Coordination tasks not yet done.
    public var tasksOpen = 0
    /// For imported tickets: the verdict that the other system had recorded.
    public var recordedVerdict: Bool?

    /// A draft.
    public init(
        id: TicketID, number: String, title: String, description: String, category: Category? = nil,
        createdBy: AccountID? = nil, createdAt: Instant
    ) {
        self.id = id
        self.number = number
        self.title = title
        self.description = description
        self.category = category
        self.createdBy = createdBy
        self.createdAt = createdAt
    }

    public var impact: String? { axes["impact"] }
    public var commonness: String? { axes["commonness"] }
    public var isImported: Bool { origin == .imported }
    /// The valid plan of a project.
    public var baseline: Plan? { baselines.last }
    public var interimAccepted: Bool { interim?.isAccepted ?? false }
    /// The money that the solution asks for, the valid one first.
    public var cost: Cost? { solution?.cost ?? interim?.cost }

    /// Takes over a ticket of another system: archived, its legs void, outside all gates.
    public static func imported(
        id: TicketID, number: String, title: String, description: String, receivedAt: Instant,
        closedAt: Instant?, recordedVerdict: Bool?, createdAt: Instant
    ) -> Ticket {
        var ticket = Ticket(
            id: id, number: number, title: title, description: description, createdAt: createdAt)
        ticket.origin = .imported
        ticket.state = .archived
        ticket.receivedAt = receivedAt
        ticket.recordedVerdict = recordedVerdict
        ticket.closure = closedAt.map { Closure(outcome: .approved, by: nil, at: $0, comment: nil) }
        return ticket
    }
}
