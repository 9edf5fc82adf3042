import Base
import ServiceLevels

/// Levels on the axes of the priority scheme in force and the grade that the scheme gives for them.
/// The caller looks the grade up; nil is a cell that the scheme leaves empty.
public struct Grading: Sendable, Equatable, Codable {
    public var axes: [String: String]
    /// Safety or a mission stop: P1 whatever the axes say.
    public var safety: Bool
    public var schemeGrade: Priority?

    public init(axes: [String: String] = [:], safety: Bool = false, schemeGrade: Priority?) {
        self.axes = axes
        self.safety = safety
        self.schemeGrade = schemeGrade
    }

    public var priority: Priority? { safety ? .p1 : schemeGrade }
}

/// A classification proposed to the approver.
public struct Proposal: Sendable, Equatable, Codable {
    public var category: Category
    public var nature: Nature?
    public var grading: Grading
    public var by: AccountID?
    public var at: Instant?

    public init(
        category: Category, nature: Nature? = nil, grading: Grading, by: AccountID? = nil,
        at: Instant? = nil
    ) {
        self.category = category
        self.nature = nature
        self.grading = grading
        self.by = by
        self.at = at
    }
}

/// An emergency dispatch: P1 until the approval, which stays due.
public struct Provisional: Sendable, Equatable, Codable {
    public var reason: String
    public var by: AccountID?
    public var at: Instant
    public var approvalDueAt: Instant

    public init(reason: String, by: AccountID?, at: Instant, approvalDueAt: Instant) {
        self.reason = reason
        self.by = by
        self.at = at
        self.approvalDueAt = approvalDueAt
    }
}

/// The next promised move.
public struct NextAction: Sendable, Equatable, Codable {
    public var at: Instant
    public var owner: AccountID
    public var text: String

    public init(at: Instant, owner: AccountID, text: String) {
        self.at = at
        self.owner = owner
        self.text = text
    }
}

/// A question that paused the solution leg.
public struct Question: Sendable, Equatable, Codable {
    public var text: String
    public var by: AccountID?
    public var at: Instant

    public init(text: String, by: AccountID?, at: Instant) {
        self.text = text
        self.by = by
        self.at = at
    }
}

/// A try to reach the customer.
public struct ContactAttempt: Sendable, Equatable, Codable {
    public var channel: Channel
    public var at: Instant
    public var note: String
    public var by: AccountID?

    public init(channel: Channel, at: Instant, note: String, by: AccountID? = nil) {
        self.channel = channel
        self.at = at
        self.note = note
        self.by = by
    }
}

/// Why it happened, signed by the technical lead.
public struct Cause: Sendable, Equatable, Codable {
    public var statement: String
    public var knownProblem: KnownProblemID?
    public var by: AccountID?
    public var at: Instant

    public init(statement: String, knownProblem: KnownProblemID?, by: AccountID?, at: Instant) {
        self.statement = statement
        self.knownProblem = knownProblem
        self.by = by
        self.at = at
    }
}

/// Money in minor units.
public struct Cost: Sendable, Equatable, Codable {
    public var minor: Int64
    /// ISO 4217.
    public var currency: String

    public init(minor: Int64, currency: String) {
        self.minor = minor
        self.currency = currency
    }
}

public struct Milestone: Sendable, Equatable, Codable {
    public var title: String
    public var dueAt: Instant

    public init(title: String, dueAt: Instant) {
        self.title = title
        self.dueAt = dueAt
    }
}

/// A project's plan; the decision makes it a baseline.
public struct Plan: Sendable, Equatable, Codable {
    public var milestones: [Milestone]
    public var resources: String
    /// When the decision made it the baseline.
    public var baselinedAt: Instant?

    public init(milestones: [Milestone], resources: String = "", baselinedAt: Instant? = nil) {
        self.milestones = milestones
        self.resources = resources
        self.baselinedAt = baselinedAt
    }
}

/// A solution or an interim measure, and the customer's answer to it.
public struct Solution: Sendable, Equatable, Codable {
    public enum Answer: String, Sendable, CaseIterable, Codable {
        case pending, accepted, refused
    }

    public var statement: String
    public var by: AccountID?
    public var at: Instant
    public var isInterim: Bool
    public var cost: Cost?
    public var plan: Plan?
    public var answer: Answer
    public var answeredBy: AccountID?
    public var answeredAt: Instant?
    public var refusalReason: String?

    public init(
        statement: String, by: AccountID?, at: Instant, isInterim: Bool = false, cost: Cost? = nil,
        plan: Plan? = nil, answer: Answer = .pending, answeredBy: AccountID? = nil,
        answeredAt: Instant? = nil, refusalReason: String? = nil
    ) {
        self.statement = statement
        self.by = by
        self.at = at
        self.isInterim = isInterim
        self.cost = cost
        self.plan = plan
        self.answer = answer
        self.answeredBy = answeredBy
        self.answeredAt = answeredAt
        self.refusalReason = refusalReason
    }

    public var isAccepted: Bool { answer == .accepted }
}

/// Management's decision, signed.
public struct Decision: Sendable, Equatable, Codable {
    public enum Outcome: String, Sendable, CaseIterable, Codable { case approved, returned }
    public var outcome: Outcome
    public var statement: String
    public var by: AccountID?
    public var at: Instant

    public init(outcome: Outcome, statement: String, by: AccountID?, at: Instant) {
        self.outcome = outcome
        self.statement = statement
        self.by = by
        self.at = at
    }
}

/// The engineer's completion report.
public struct Completion: Sendable, Equatable, Codable {
    public var report: String
    /// Ends the downtime.
    public var restoredAt: Instant?
    public var by: AccountID?
    public var at: Instant

    public init(report: String, restoredAt: Instant?, by: AccountID?, at: Instant) {
        self.report = report
        self.restoredAt = restoredAt
        self.by = by
        self.at = at
    }
}

/// The one-time link that a rating came by, and who had made it: whoever holds one can rate.
public struct RatingLink: Sendable, Equatable, Codable {
    /// Nil for links made before this was kept.
    public var madeBy: AccountID?
    public var madeByName: String?

    public init(madeBy: AccountID? = nil, madeByName: String? = nil) {
        self.madeBy = madeBy
        self.madeByName = madeByName
    }
}

/// The requester's rating, each 1 to 5.
public struct Evaluation: Sendable, Equatable, Codable {
    public var response: Int
    public var attitude: Int
    public var skill: Int
    public var result: Int
    public var comment: String?
    /// Nil where it came by a one-time link.
    public var by: AccountID?
    public var at: Instant
    /// The one-time link that it came by.
    public var link: RatingLink?

    public init(
        response: Int, attitude: Int, skill: Int, result: Int, comment: String?, by: AccountID?,
        at: Instant, link: RatingLink? = nil
    ) {
        self.link = link
        self.response = response
        self.attitude = attitude
        self.skill = skill
        self.result = result
        self.comment = comment
        self.by = by
        self.at = at
    }
}

/// The site lead's word on the service level, with what the clock had computed beside it.
public struct Attestation: Sendable, Equatable, Codable {
    public var responseMet: Bool
    public var solutionMet: Bool
    /// Nil: void or still pending.
    public var computedResponseMet: Bool?
    public var computedSolutionMet: Bool?
    public var reason: String?
    public var by: AccountID?
    public var at: Instant

    public init(
        responseMet: Bool, solutionMet: Bool, computedResponseMet: Bool?, computedSolutionMet: Bool?,
        reason: String?, by: AccountID?, at: Instant
    ) {
        self.responseMet = responseMet
        self.solutionMet = solutionMet
        self.computedResponseMet = computedResponseMet
        self.computedSolutionMet = computedSolutionMet
        self.reason = reason
        self.by = by
        self.at = at
    }
}

public struct Closure: Sendable, Equatable, Codable {
    public enum Outcome: String, Sendable, CaseIterable, Codable { case approved, returned, unreachable }
    public var outcome: Outcome
    public var by: AccountID?
    public var at: Instant
    public var comment: String?

    public init(outcome: Outcome, by: AccountID?, at: Instant, comment: String?) {
        self.outcome = outcome
        self.by = by
        self.at = at
        self.comment = comment
    }
}

public struct Archive: Sendable, Equatable, Codable {
    public var summary: String
    public var lesson: String?
    public var by: AccountID?
    public var at: Instant

    public init(summary: String, lesson: String?, by: AccountID?, at: Instant) {
        self.summary = summary
        self.lesson = lesson
        self.by = by
        self.at = at
    }
}

/// A step that its own worker took because nobody else could; shown wherever the step shows.
public struct SelfApproval: Sendable, Equatable, Codable {
    public var step: Step
    public var by: AccountID?
    public var at: Instant
    public var reason: String

    public init(step: Step, by: AccountID?, at: Instant, reason: String) {
        self.step = step
        self.by = by
        self.at = at
        self.reason = reason
    }
}

/// What a reopening froze.
public struct PastCycle: Sendable, Equatable, Codable {
    /// The ticket as it stood at the end of the cycle.
    public var ticket: Ticket
    public var reopenedAt: Instant

    public init(ticket: Ticket, reopenedAt: Instant) {
        self.ticket = ticket
        self.reopenedAt = reopenedAt
    }
}
