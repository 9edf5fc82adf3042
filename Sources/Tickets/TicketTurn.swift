import Base

/// Whose turn it is and what they should do: `ticket.turn.<task>` says it as an imperative.
public struct Turn: Sendable, Equatable {
    public enum Party: String, Sendable, CaseIterable {
        case customer
        case serviceManager = "service_manager"
        case engineer
        case technicalLead = "technical_lead"
        case management
        case siteLead = "site_lead"
        case quality, nobody

        /// Key of the party's name.
        public var nameKey: String { self == .nobody ? "ticket.turn.nobody" : "role.\(rawValue)" }
    }

    public var party: Party
    public var task: String

    public init(_ party: Party, _ task: String) {
        self.party = party
        self.task = task
    }

    /// Key of what to do.
    public var taskKey: String { "ticket.turn.\(task)" }

    /// Every task that can come up.
    public static let tasks = [
        "submit", "approve", "object", "dispatch", "accept", "reply", "state_cause", "solve", "answer",
        "decide", "finish_tasks", "report", "rate", "attest", "close", "archive", "nothing",
    ]
}

extension Ticket {
    /// Whose turn it is.
    public func turn(_ settings: TicketSettings = TicketSettings()) -> Turn {
        switch state {
        case .draft: Turn(.customer, "submit")
        case .submitted: Turn(.serviceManager, "approve")
        case .rejected: Turn(.customer, "object")
        case .opened: Turn(.serviceManager, "dispatch")
        case .dispatched: Turn(.engineer, "accept")
        case .inProgress:
            if respondedAt == nil {
                Turn(.engineer, "reply")
            } else if isCauseNeeded(settings), cause == nil {
                Turn(.technicalLead, "state_cause")
            } else {
                Turn(.engineer, "solve")
            }
        case .waitingOnCustomer: Turn(.customer, "answer")
        case .implementing where isCauseNeeded(settings) && cause == nil:
            Turn(.technicalLead, "state_cause")
        case .awaitingDecision: Turn(.management, "decide")
        case .implementing where isDecisionMissing(settings): Turn(.management, "decide")
        case .implementing: Turn(.engineer, tasksOpen > 0 ? "finish_tasks" : "report")
        case .awaitingEvaluation:
            evaluation == nil && evaluationAbsentAt == nil
                ? Turn(.customer, "rate") : Turn(.siteLead, "attest")
        case .awaitingClosure: Turn(.serviceManager, "close")
        case .completed: Turn(.quality, "archive")
        case .archived, .cancelled, .merged: Turn(.nobody, "nothing")
        }
    }

    /// The steps that come first where this person may take them.
    var primarySteps: [Step] {
        switch state {
        case .draft: [.submission]
        case .submitted: [.approval, .responses]
        case .rejected: [.objection]
        case .opened: [.assignment]
        case .dispatched: [.acceptance]
        case .inProgress:
            if respondedAt == nil {
                [.responses, .cause, .solution]
            } else if cause == nil {
                [.cause, .solution, .solutionAcceptance]
            } else {
                [.solution, .solutionAcceptance]
            }
        case .waitingOnCustomer: [.resumption, .responses]
        case .awaitingDecision: [.decision]
        case .implementing: [.completion, .solutionAcceptance]
        case .awaitingEvaluation: [.evaluation, .attestation]
        case .awaitingClosure: [.closure]
        case .completed: [.archive, .reopening]
        case .archived: [.addenda]
        case .cancelled, .merged: []
        }
    }
}

extension Step {
    public var nameKey: String { "ticket.step.\(rawValue)" }
    /// Key of the imperative on a button.
    public var labelKey: String { "ticket.do.\(rawValue)" }
}
extension TicketState { public var nameKey: String { "ticket.state.\(rawValue)" } }
extension Category { public var nameKey: String { "ticket.category.\(rawValue)" } }
extension Nature { public var nameKey: String { "ticket.nature.\(rawValue)" } }
extension Channel { public var nameKey: String { "ticket.channel.\(rawValue)" } }
extension TaskKind { public var nameKey: String { "ticket.task.\(rawValue)" } }
extension Origin { public var nameKey: String { "ticket.origin.\(rawValue)" } }
