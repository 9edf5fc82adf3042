import Base

/// A step with its content: one door for routes, jobs and tests.
public enum TicketCommand: Sendable, Equatable {
    case submission(Submission)
    case objection(Reason)
    case proposal(Proposal)
    case approval(Approval)
    case rejection(Reason)
    case assignment(Assignment)
    case acceptance
    case refusal(Reason)
    case response(Message)
    case note(Message)
    case attachment(name: String, visibility: Visibility = .public)
    case pause(question: String)
    case resumption(Resumption)
    case cause(CauseStatement)
    case solution(SolutionStatement)
    /// The reason counts only where the own solution is accepted for want of anybody else.
    case solutionAcceptance(reason: String?)
    case solutionRefusal(Reason)
    case decision(DecisionStatement)
    case completion(CompletionReport)
    case evaluation(Rating)
    case attestation(AttestationStatement)
    case contactAttempt(ContactAttempt)
    case closure(ClosureStatement)
    case archive(summary: String, lesson: String?)
    case reopening(Reason)
    case addendum(body: String)
    case task(CoordinationTask)
    case visit(Visit)
    case nextAction(NextAction)
    case classification(Reclassification)
    case priority(Regrading)
    case split([Part])
    case merge(MergeTarget)
    case cancellation(Reason)

    public var step: Step {
        switch self {
        case .submission: .submission
        case .objection: .objection
        case .proposal: .proposal
        case .approval: .approval
        case .rejection: .rejection
        case .assignment: .assignment
        case .acceptance: .acceptance
        case .refusal: .refusal
        case .response: .responses
        case .note: .notes
        case .attachment: .attachments
        case .pause: .pause
        case .resumption: .resumption
        case .cause: .cause
        case .solution: .solution
        case .solutionAcceptance: .solutionAcceptance
        case .solutionRefusal: .solutionRefusal
        case .decision: .decision
        case .completion: .completion
        case .evaluation: .evaluation
        case .attestation: .attestation
        case .contactAttempt: .contactAttempts
        case .closure: .closure
        case .archive: .archive
        case .reopening: .reopening
        case .addendum: .addenda
        case .task: .tasks
        case .visit: .visits
        case .nextAction: .nextAction
        case .classification: .classification
        case .priority: .priority
        case .split: .split
        case .merge: .merge
        case .cancellation: .cancellation
        }
    }
}

extension Ticket {
    /// Takes the step, or refuses it and changes nothing.
    public func taking(
        _ command: TicketCommand, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        switch command {
        case .submission(let c): try submitted(c, by: actor, context: context, at: now)
        case .objection(let c): try objected(c, by: actor, context: context, at: now)
        case .proposal(let c): try proposed(c, by: actor, context: context, at: now)
        case .approval(let c): try approved(c, by: actor, context: context, at: now)
        case .rejection(let c): try rejected(c, by: actor, context: context, at: now)
        case .assignment(let c): try assigned(c, by: actor, context: context, at: now)
        case .acceptance: try accepted(by: actor, context: context, at: now)
        case .refusal(let c): try refused(c, by: actor, context: context, at: now)
        case .response(let c): try responded(c, by: actor, context: context, at: now)
        case .note(let c): try noted(c, by: actor, context: context, at: now)
        case .attachment(let name, let visibility):
            try attached(name: name, visibility: visibility, by: actor, context: context, at: now)
        case .pause(let question): try paused(question: question, by: actor, context: context, at: now)
        case .resumption(let c): try resumed(c, by: actor, context: context, at: now)
        case .cause(let c): try causeStated(c, by: actor, context: context, at: now)
        case .solution(let c): try solutionGiven(c, by: actor, context: context, at: now)
        case .solutionAcceptance(let reason):
            try solutionAccepted(reason: reason, by: actor, context: context, at: now)
        case .solutionRefusal(let c): try solutionRefused(c, by: actor, context: context, at: now)
        case .decision(let c): try decided(c, by: actor, context: context, at: now)
        case .completion(let c): try completionReported(c, by: actor, context: context, at: now)
        case .evaluation(let c): try evaluated(c, by: actor, context: context, at: now)
        case .attestation(let c): try attested(c, by: actor, context: context, at: now)
        case .contactAttempt(let c): try contactAttempted(c, by: actor, context: context, at: now)
        case .closure(let c): try closed(c, by: actor, context: context, at: now)
        case .archive(let summary, let lesson):
            try archived(summary: summary, lesson: lesson, by: actor, context: context, at: now)
        case .reopening(let c): try reopened(c, by: actor, context: context, at: now)
        case .addendum(let body): try addendumWritten(body: body, by: actor, context: context, at: now)
        case .task(let c): try tasked(c, by: actor, context: context, at: now)
        case .visit(let c): try visited(c, by: actor, context: context, at: now)
        case .nextAction(let c): try nextActionSet(c, by: actor, context: context, at: now)
        case .classification(let c): try reclassified(c, by: actor, context: context, at: now)
        case .priority(let c): try reprioritised(c, by: actor, context: context, at: now)
        case .split(let parts): try split(parts, by: actor, context: context, at: now)
        case .merge(let target): try merged(into: target, by: actor, context: context, at: now)
        case .cancellation(let c): try cancelled(c, by: actor, context: context, at: now)
        }
    }
}
