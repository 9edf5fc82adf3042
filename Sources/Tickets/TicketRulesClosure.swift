import Base

public struct Rating: Sendable, Equatable {
    public var response: Int
    public var attitude: Int
    public var skill: Int
    public var result: Int
    public var comment: String?
    /// The one-time link that it came by; nil for a requester who signed in.
    public var link: RatingLink?

    public init(response: Int, attitude: Int, skill: Int, result: Int, comment: String? = nil) {
        self.response = response
        self.attitude = attitude
        self.skill = skill
        self.result = result
        self.comment = comment
    }
}

public struct AttestationStatement: Sendable, Equatable {
    public var responseMet: Bool
    public var solutionMet: Bool
    public var reason: String?

    public init(responseMet: Bool, solutionMet: Bool, reason: String? = nil) {
        self.responseMet = responseMet
        self.solutionMet = solutionMet
        self.reason = reason
    }
}

public struct ClosureStatement: Sendable, Equatable {
    public var outcome: Closure.Outcome
    public var comment: String?

    public init(outcome: Closure.Outcome, comment: String? = nil) {
        self.outcome = outcome
        self.comment = comment
    }
}

extension Ticket {
    /// The requester's rating; after its absence was recorded, a late one as an addendum.
    public func evaluated(
        _ c: Rating, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        let permission = try permit(.evaluation, actor, context, at: now)
        var content = Content()
        for (field, score) in [
            ("response", c.response), ("attitude", c.attitude), ("skill", c.skill), ("result", c.result),
        ] where !(1...5).contains(score) {
            content.wrong(field, "field.out_of_range", ["min": "1", "max": "5"])
        }
        let comment = content.optional("comment", c.comment)
        try content.check()
        var out = Outcome(self)
        try out.markSelfApproval(permission, .evaluation, reason: comment, by: actor, at: now)
        let evaluation = Evaluation(
            response: c.response, attitude: c.attitude, skill: c.skill, result: c.result,
            comment: comment, by: actor.id, at: now, link: c.link)
        let isLate = evaluationAbsentAt != nil
        if isLate {
            out.ticket.lateEvaluation = evaluation
        } else {
            out.ticket.evaluation = evaluation
            out.awaitClosure()
        }
        out.record(
            .evaluation, .public, text: comment,
            data: data([
                "response": .of(c.response), "attitude": .of(c.attitude), "skill": .of(c.skill),
                "result": .of(c.result), "late": .of(isLate),
                "by_link": c.link.map { _ in true }, "link_by": .of(c.link?.madeBy?.text),
                "link_by_name": .of(c.link?.madeByName),
            ]))
        return out
    }

    func evaluationRefusal(_ context: RuleContext, _ now: Instant) -> Failure? {
        if evaluation != nil || lateEvaluation != nil { return .conflict("ticket.evaluated") }
        if let absent = evaluationAbsentAt {
            return now <= absent + context.settings.lateEvaluationWindow
                ? nil : .conflict("ticket.evaluation_window")
        }
        return state == .awaitingEvaluation ? nil : stateFailure(.evaluation)
    }

    /// When the absence of the rating may be recorded; nil where none is awaited.
    public func evaluationAbsenceDue(_ settings: TicketSettings) -> Instant? {
        guard state == .awaitingEvaluation, evaluation == nil, evaluationAbsentAt == nil else {
            return nil
        }
        return completion.map { $0.at + settings.evaluationWait }
    }

    /// The system's own step: no answer came.
    public func evaluationFoundAbsent(
        settings: TicketSettings, at now: Instant
    ) throws(Failure) -> Outcome {
        guard let due = evaluationAbsenceDue(settings) else { throw stateFailure(.evaluation) }
        guard now >= due else { throw .conflict("ticket.evaluation_not_overdue") }
        var out = Outcome(self)
        out.ticket.evaluationAbsentAt = now
        out.awaitClosure()
        out.facts.append(TicketFact("evaluation/absence", .public))
        return out
    }

    /// The site lead's signature under the service level; a word against the clock needs a reason,
    /// and the computed verdict stays beside it.
    public func attested(
        _ c: AttestationStatement, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        let permission = try permit(.attestation, actor, context, at: now)
        var content = Content()
        let reason = content.optional("reason", c.reason)
        let differs =
            (context.computedResponseMet.map { $0 != c.responseMet } ?? false)
            || (context.computedSolutionMet.map { $0 != c.solutionMet } ?? false)
        if differs, reason == nil { content.wrong("reason", "ticket.attestation_reason") }
        try content.check()
        var out = Outcome(self)
        try out.markSelfApproval(permission, .attestation, reason: reason, by: actor, at: now)
        out.ticket.attestation = Attestation(
            responseMet: c.responseMet, solutionMet: c.solutionMet,
            computedResponseMet: context.computedResponseMet,
            computedSolutionMet: context.computedSolutionMet, reason: reason, by: actor.id, at: now)
        out.awaitClosure()
        out.record(
            .attestation, .internal, text: reason,
            data: data([
                "response_met": .of(c.responseMet), "solution_met": .of(c.solutionMet),
                "computed_response_met": context.computedResponseMet.map { .bool($0) },
                "computed_solution_met": context.computedSolutionMet.map { .bool($0) },
            ]))
        return out
    }

    /// The tries since the customer last spoke, in order of time. One that was made before, however late
    /// it is written down, says nothing of a customer who answered since.
    var triesSinceWord: [ContactAttempt] {
        contactAttempts.filter { attempt in
            (cycleOrigin.map { attempt.at >= $0 } ?? true)
                && (customerSpokeAt.map { attempt.at > $0 } ?? true)
        }
        .sorted { $0.at < $1.at }
    }

    /// Enough tries over enough channels within the window since the customer last spoke.
    public func isUnreachable(_ context: RuleContext) -> Bool {
        let settings = context.settings
        let tries = triesSinceWord
        guard tries.count >= settings.contactAttempts else { return false }
        // The tries of the last few working days up to each one: both ends only move forward.
        var channels: [Channel: Int] = [:]
        var first = 0
        for (last, attempt) in tries.enumerated() {
            channels[attempt.channel, default: 0] += 1
            while first < last, context.workingDays(tries[first].at, attempt.at) > settings.contactWorkingDays
            {
                channels[tries[first].channel, default: 0] -= 1
                first += 1
            }
            if last - first + 1 >= settings.contactAttempts,
                channels.values.count(where: { $0 > 0 }) >= settings.contactChannels
            {
                return true
            }
        }
        return false
    }

    /// What has to be done before the end; returning is always possible.
    func closureRefusal(_ context: RuleContext) -> Failure? {
        if provisional != nil { return .conflict("ticket.approval_due") }
        if context.openChildren > 0 { return .conflict("ticket.children_open") }
        if let refused = tasksRefusal { return refused }
        // In work no solution stands: at most one that was refused or returned.
        let isInWork = TicketStates(.inProgress, .waitingOnCustomer).contains(state)
        return isInWork ? nil : gradeRefusal(context.settings)
    }

    /// → completed, C stops; or returned → implementing.
    public func closed(
        _ c: ClosureStatement, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        let permission = try permit(.closure, actor, context, at: now)
        if c.outcome != .unreachable, state != .awaitingClosure { throw stateFailure(.closure) }
        if c.outcome == .unreachable, !isUnreachable(context) { throw .conflict("ticket.not_unreachable") }
        if c.outcome != .returned, let refused = closureRefusal(context) { throw refused }
        var content = Content()
        let comment =
            c.outcome == .returned
            ? content.text("comment", c.comment) : content.optional("comment", c.comment)
        try content.check()
        var out = Outcome(self)
        try out.markSelfApproval(permission, .closure, reason: comment, by: actor, at: now)
        out.record(.closure, .public, text: comment, data: data(["outcome": .string(c.outcome.rawValue)]))
        guard c.outcome != .returned else {
            out.ticket.state = .implementing
            if let given = evaluation { out.ticket.earlierEvaluations.append(given) }
            if let late = lateEvaluation { out.ticket.earlierEvaluations.append(late) }
            out.ticket.evaluation = nil
            out.ticket.lateEvaluation = nil
            out.ticket.evaluationAbsentAt = nil
            out.ticket.attestation = nil
            out.tell(.engineer, "ticket.closure_returned", acknowledged: true)
            return out
        }
        out.ticket.state = .completed
        out.ticket.pausedAt = nil
        out.ticket.nextAction = nil
        out.ticket.closure = Closure(outcome: c.outcome, by: actor.id, at: now, comment: comment)
        out.clock = [.closed(at: now, unreachable: c.outcome == .unreachable)]
        out.tell(.requester, "ticket.closed")
        out.tell(.quality, "ticket.archive")
        return out
    }

    func archiveRefusal(_ context: RuleContext) -> Failure? {
        let missing = missingForArchive(context.settings)
        if !missing.isEmpty {
            return Failure(
                .conflict, "ticket.fields_missing", ["fields": missing.joined(separator: ", ")],
                fields: missing.map { FieldFailure(field: $0, code: "field.required") })
        }
        if let refused = tasksRefusal { return refused }
        if context.openChildren > 0 { return .conflict("ticket.children_open") }
        if context.hasUnsettledStock { return .conflict("ticket.stock_unsettled") }
        if context.hasOpenQualityClosure { return .conflict("ticket.quality_closure_open") }
        return nil
    }

    /// Required fields still empty, by API name. A customer out of reach left no rating.
    public func missingForArchive(_ settings: TicketSettings) -> [String] {
        var missing: [String] = []
        if category == nil { missing.append("category") }
        if nature == nil { missing.append("nature") }
        if priority == nil || provisional != nil { missing.append("priority") }
        guard closure?.outcome != .unreachable else { return missing }
        if isCauseNeeded(settings), cause == nil { missing.append("cause") }
        if isDecisionMissing(settings) { missing.append("decision") }
        if solution == nil { missing.append("solution") }
        if completion == nil { missing.append("completion") }
        if evaluation == nil, evaluationAbsentAt == nil { missing.append("evaluation") }
        if attestation == nil { missing.append("attestation") }
        return missing
    }

    /// completed → archived, immutable from here.
    public func archived(
        summary: String, lesson: String? = nil, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.archive, actor, context, at: now)
        var content = Content()
        let summary = content.text("summary", summary)
        let lesson = content.optional("lesson", lesson)
        try content.check()
        var out = Outcome(self)
        out.ticket.state = .archived
        out.ticket.archive = Archive(summary: summary, lesson: lesson, by: actor.id, at: now)
        out.record(.archive, .internal, text: summary, data: data(["lesson": lesson.map { .string($0) }]))
        return out
    }

    /// completed, archived → opened in a new cycle; the old one stays frozen.
    public func reopened(
        _ c: Reason, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.reopening, actor, context, at: now)
        return reopened(now, by: .reopening, text: try c.checked())
    }

    func reopened(_ now: Instant, by step: Step, text: String) -> Outcome {
        var next = self
        next.cycle += 1
        next.reopenedAt = now
        next.state = .opened
        next.engineer = nil
        next.respondedAt = nil
        next.solutionStoppedAt = nil
        next.pausedAt = nil
        next.customerSpokeAt = nil
        next.nextAction = nil
        next.questions = []
        next.contactAttempts = []
        next.cause = nil
        next.interim = nil
        next.solution = nil
        next.baselines = []
        next.decision = nil
        next.completion = nil
        next.evaluation = nil
        next.evaluationAbsentAt = nil
        next.lateEvaluation = nil
        next.earlierEvaluations = []
        next.attestation = nil
        next.closure = nil
        next.archive = nil
        next.selfApprovals = []
        next.workers = []
        next.visitors = nil
        var out = Outcome(next)
        out.frozen = PastCycle(ticket: self, reopenedAt: now)
        out.clock = [.reopened(cycle: next.cycle, priority: priority, at: now)]
        out.record(step, .public, text: text, data: data(["cycle": .of(next.cycle)]))
        out.tell(.serviceManagers, "ticket.reopened", acknowledged: true)
        return out
    }
}

extension Outcome {
    /// The second of evaluation and attestation → awaiting_closure.
    fileprivate mutating func awaitClosure() {
        guard ticket.state == .awaitingEvaluation, ticket.attestation != nil,
            ticket.evaluation != nil || ticket.evaluationAbsentAt != nil
        else { return }
        ticket.state = .awaitingClosure
        tell(.serviceManagers, "ticket.close")
    }
}
