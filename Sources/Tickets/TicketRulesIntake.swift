import Base
import ServiceLevels

public struct Submission: Sendable, Equatable {
    /// Only by staff, in the past, with a reason. Nil: now.
    public var receivedAt: Instant?
    public var receivedReason: String?

    public init(receivedAt: Instant? = nil, receivedReason: String? = nil) {
        self.receivedAt = receivedAt
        self.receivedReason = receivedReason
    }
}

public struct Approval: Sendable, Equatable {
    public var category: Category
    public var nature: Nature?
    public var grading: Grading

    public init(category: Category, nature: Nature? = nil, grading: Grading) {
        self.category = category
        self.nature = nature
        self.grading = grading
    }
}

/// For the steps that carry nothing but a reason.
public struct Reason: Sendable, Equatable {
    public var text: String
    public init(_ text: String) { self.text = text }
}

public struct Assignment: Sendable, Equatable {
    public var engineer: AccountID
    /// The reason of an emergency dispatch.
    public var emergency: String?
    /// The engineer's unit, where it takes the ticket over.
    public var unit: OrganizationID?
    /// Why this person cannot take it (a code of a field error), as the caller found out; nil: fit.
    public var obstacle: String?

    public init(
        engineer: AccountID, emergency: String? = nil, unit: OrganizationID? = nil,
        obstacle: String? = nil
    ) {
        self.engineer = engineer
        self.emergency = emergency
        self.unit = unit
        self.obstacle = obstacle
    }
}

extension Ticket {
    /// How long ago a ticket may have been received that is entered now; what is older is a matter for the
    /// import of old tickets, without clocks.
    static let oldestReceipt = Span.days(366)

    /// draft → submitted. The clocks start at `received_at`; entering is no response.
    public func submitted(
        _ c: Submission, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.submission, actor, context, at: now)
        var content = Content()
        var out = Outcome(self)
        out.ticket.title = content.text("title", title, max: 500)
        out.ticket.description = content.text("description", description, max: 100_000)
        if category == nil { content.wrong("category", "field.required") }
        content.notFuture("found_at", foundAt, now)
        // Nobody could ever be asked or rate: later steps set no requester.
        if requester == nil, (requesterName ?? "").trimmed.isEmpty {
            content.wrong("requester_id", "field.required")
        }
        let stated = c.receivedAt ?? statedReceipt
        out.ticket.receivedReason = nil
        if let received = stated {
            if c.receivedAt != nil, !actor.isStaff {
                content.wrong("received_at", "ticket.received_at_staff_only")
            }
            content.notFuture("received_at", received, now)
            if received < now - Self.oldestReceipt {
                content.wrong(
                    "received_at", "ticket.received_too_long_ago",
                    ["days": String(Self.oldestReceipt.ms / Span.days(1).ms)])
            }
            out.ticket.receivedReason = content.text(
                "received_reason", c.receivedReason ?? receivedReason, max: 2000)
        }
        try content.check()
        let received = stated ?? now
        out.ticket.receivedAt = received
        out.ticket.statedReceipt = nil
        out.ticket.state = .submitted
        if origin != .split { out.ticket.origin = actor.isStaff ? .staff : .customer }
        out.clock = [.start(at: received)]
        out.record(
            .submission, .public, text: description,
            data: data([
                "received_at": .of(received),
                "received_reason": out.ticket.receivedReason.map { .string($0) },
            ]))
        out.tell(.unit, "ticket.submitted", acknowledged: true)
        return out
    }

    /// A classification proposed to the approver; the clocks run.
    public func proposed(
        _ c: Proposal, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.proposal, actor, context, at: now)
        guard c.grading.priority != nil else { throw .invalid("axes", "ticket.grade_missing") }
        var out = Outcome(self)
        var proposal = c
        proposal.by = actor.id
        proposal.at = now
        out.ticket.proposal = proposal
        out.record(.proposal, .internal, data: c.grading.json(c.category, c.nature))
        out.tell(.serviceManagers, "ticket.proposed")
        return out
    }

    /// submitted → opened with its grade. An emergency's provisional grade is settled where the
    /// ticket stands.
    public func approved(
        _ c: Approval, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.approval, actor, context, at: now)
        var content = Content()
        if requester == nil, (requesterName ?? "").trimmed.isEmpty {
            content.wrong("requester_id", "field.required")
        }
        if organization == nil { content.wrong("organization_id", "field.required") }
        _ = content.text("title", title)
        _ = content.text("description", description, max: 100_000)
        if !content.fields.isEmpty {
            throw Failure(.invalid, "ticket.incomplete", fields: content.fields)
        }
        guard let priority = c.grading.priority else { throw .invalid("axes", "ticket.grade_missing") }
        var out = Outcome(self)
        out.ticket.category = c.category
        out.ticket.nature = c.nature ?? nature
        out.ticket.grade(c.grading, priority, by: actor)
        out.ticket.provisional = nil
        // A project opens with an outline; what was described is one until somebody writes a better.
        if c.category == .project, (outline ?? "").trimmed.isEmpty { out.ticket.outline = description }
        if state == .submitted { out.ticket.state = .opened }
        out.clock = [.graded(priority, provisional: false, at: now)]
        out.record(.approval, .public, data: c.grading.json(c.category, c.nature))
        out.tell(.requester, "ticket.opened")
        return out
    }

    /// submitted → rejected.
    public func rejected(
        _ c: Reason, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.rejection, actor, context, at: now)
        var out = Outcome(self)
        let reason = try c.checked()
        out.ticket.state = .rejected
        out.clock = [.rejected(at: now)]
        out.record(.rejection, .public, text: reason)
        out.tell(.requester, "ticket.rejected")
        return out
    }

    /// rejected → submitted, as if never stopped.
    public func objected(
        _ c: Reason, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.objection, actor, context, at: now)
        var out = Outcome(self)
        let reason = try c.checked()
        out.ticket.state = .submitted
        out.ticket.customerSpokeAt = now
        out.clock = [.revived(at: now)]
        out.record(.objection, .public, text: reason)
        out.tell(.serviceManagers, "ticket.objected", acknowledged: true)
        return out
    }

    /// opened → dispatched. In work it is a handover and the state stays. From submitted it is an
    /// emergency dispatch: provisional P1, the approval stays due.
    public func assigned(
        _ c: Assignment, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.assignment, actor, context, at: now)
        var content = Content()
        let emergency = content.optional("emergency", c.emergency, max: 2000)
        if state == .submitted, emergency == nil { throw stateFailure(.assignment) }
        if engineer == c.engineer { throw .conflict("ticket.already_assigned") }
        if let obstacle = c.obstacle { content.wrong("engineer_id", obstacle) }
        try content.check()
        var out = Outcome(self)
        let isHandover = state != .opened && state != .submitted
        if isHandover, let before = engineer { out.tell(.account(before), "ticket.taken_over") }
        out.ticket.engineer = c.engineer
        out.ticket.unit = c.unit ?? unit
        out.addWorker(c.engineer)
        if state == .submitted, let emergency {
            out.ticket.priority = .p1
            out.ticket.gradedBy = actor.id
            out.ticket.provisional = Provisional(
                reason: emergency, by: actor.id, at: now,
                approvalDueAt: provisional?.approvalDueAt
                    ?? (now + context.settings.emergencyApprovalWithin))
            out.clock = [.graded(.p1, provisional: true, at: now)]
            out.tell(.serviceManagers, "ticket.emergency", acknowledged: true)
        }
        if !isHandover { out.ticket.state = .dispatched }
        out.record(
            .assignment, .public,
            data: data([
                "engineer_id": .string(c.engineer.text), "before": engineer.map { .string($0.text) },
            ]))
        if let emergency { out.facts.append(TicketFact("emergency", .internal, text: emergency)) }
        out.tell(.account(c.engineer), "ticket.assigned", acknowledged: true)
        return out
    }

    /// dispatched → in_progress.
    public func accepted(
        by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.acceptance, actor, context, at: now)
        var out = Outcome(self)
        out.ticket.state = .inProgress
        out.record(.acceptance, .public)
        return out
    }

    /// dispatched → opened; after an emergency dispatch back to submitted, for it was never approved.
    public func refused(
        _ c: Reason, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.refusal, actor, context, at: now)
        let reason = try c.checked()
        var out = Outcome(self)
        out.ticket.engineer = nil
        out.ticket.state = provisional == nil ? .opened : .submitted
        out.record(.refusal, .internal, text: reason)
        out.tell(.serviceManagers, "ticket.refused", acknowledged: true)
        return out
    }

    /// → cancelled: by the requester before dispatch, by a service manager after the opening.
    public func cancelled(
        _ c: Reason, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.cancellation, actor, context, at: now)
        let reason = try c.checked()
        var out = Outcome(self)
        out.ticket.state = .cancelled
        out.ticket.provisional = nil
        out.ticket.pausedAt = nil
        if state != .draft { out.clock = [.voided(at: now)] }
        out.releasesReservations = true
        out.record(.cancellation, .public, text: reason)
        if state != .draft { out.tell(.requester, "ticket.cancelled") }
        if engineer != nil { out.tell(.engineer, "ticket.cancelled") }
        return out
    }

    mutating func grade(_ grading: Grading, _ priority: Priority, by actor: Actor) {
        axes = grading.axes
        safety = grading.safety
        self.priority = priority
        gradedBy = actor.id
    }
}

extension Reason {
    func checked(_ field: String = "reason") throws(Failure) -> String {
        var content = Content()
        let reason = content.text(field, text)
        try content.check()
        return reason
    }
}

extension Grading {
    func json(_ category: Category?, _ nature: Nature?) -> JSON {
        let levels = axes.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
        return data([
            "category": category.map { .string($0.rawValue) },
            "nature": nature.map { .string($0.rawValue) },
            "axes": .object(levels), "safety": .of(safety),
            "priority": priority.map { .string($0.code) },
        ])
    }
}
