import Base

public struct CauseStatement: Sendable, Equatable {
    public var statement: String?
    public var knownProblem: KnownProblemID?

    public init(statement: String?, knownProblem: KnownProblemID? = nil) {
        self.statement = statement
        self.knownProblem = knownProblem
    }
}

public struct SolutionStatement: Sendable, Equatable {
    public var statement: String
    public var isInterim: Bool
    public var cost: Cost?
    public var plan: Plan?

    public init(statement: String, isInterim: Bool = false, cost: Cost? = nil, plan: Plan? = nil) {
        self.statement = statement
        self.isInterim = isInterim
        self.cost = cost
        self.plan = plan
    }
}

public struct DecisionStatement: Sendable, Equatable {
    public var outcome: Decision.Outcome
    public var statement: String
    /// Made with the decision; a task waits for its arrival.
    public var shipment: DecidedShipment?

    public init(outcome: Decision.Outcome, statement: String, shipment: DecidedShipment? = nil) {
        self.outcome = outcome
        self.statement = statement
        self.shipment = shipment
    }
}

public struct CompletionReport: Sendable, Equatable {
    public var report: String
    public var nature: Nature?
    public var restoredAt: Instant?

    public init(report: String, nature: Nature? = nil, restoredAt: Instant? = nil) {
        self.report = report
        self.nature = nature
        self.restoredAt = restoredAt
    }
}

extension Ticket {
    /// The cause, signed. Where no signed cause is due, citing a known problem is enough.
    public func causeStated(
        _ c: CauseStatement, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.cause, actor, context, at: now)
        var content = Content()
        let cited = c.knownProblem != nil && !isCauseNeeded(context.settings)
        let statement =
            cited
            ? content.optional("statement", c.statement) ?? ""
            : content.text("statement", c.statement)
        try content.check()
        var out = Outcome(self)
        out.ticket.cause = Cause(
            statement: statement, knownProblem: c.knownProblem, by: actor.id, at: now)
        out.addWorker(actor.id)
        out.record(
            .cause, .internal, text: statement,
            data: data(["known_problem_id": c.knownProblem.map { .string($0.text) }]))
        out.tell(.engineer, "ticket.cause")
        return out
    }

    /// A solution stops S provisionally and goes to management where a decision is due. An interim
    /// measure leaves the ticket in work. In implementing it is a project's changed plan.
    public func solutionGiven(
        _ c: SolutionStatement, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.solution, actor, context, at: now)
        if !c.isInterim, isCauseNeeded(context.settings), cause == nil {
            throw .conflict("ticket.cause_missing")
        }
        if c.isInterim, state == .implementing { throw stateFailure(.solution) }
        var content = Content()
        let statement = content.text("statement", c.statement, max: 100_000)
        if let cost = c.cost {
            if cost.minor < 0 { content.wrong("cost_minor", "ticket.negative") }
            if !Money.isCurrency(cost.currency) { content.wrong("currency", "ticket.currency") }
        }
        if category == .project, !c.isInterim, (c.plan?.milestones ?? []).isEmpty {
            content.wrong("plan", "ticket.plan_missing")
        }
        for milestone in c.plan?.milestones ?? [] {
            _ = content.text("plan.milestones.title", milestone.title, max: 500)
        }
        try content.check()
        var out = Outcome(self)
        let given = Solution(
            statement: statement, by: actor.id, at: now, isInterim: c.isInterim, cost: c.cost,
            plan: c.plan)
        out.addWorker(actor.id)
        out.respond(at: now)
        out.record(
            .solution, .public, text: statement,
            data: data(["interim": .of(c.isInterim)]))
        if let cost = c.cost {
            out.facts.append(
                TicketFact(
                    "solution/cost", .internal,
                    data: data(["minor": .of(cost.minor), "currency": .string(cost.currency)])))
        }
        out.tell(.requester, c.isInterim ? "ticket.interim" : "ticket.solution")
        if c.isInterim {
            out.ticket.interim = given
            if solutionStoppedAt == nil { out.clock.append(.solutionGiven(at: now, interim: true)) }
            return out
        }
        out.ticket.solution = given
        out.ticket.decision = nil
        if solutionStoppedAt == nil {
            out.ticket.solutionStoppedAt = now
            out.clock.append(.solutionGiven(at: now, interim: false))
        }
        if isDecisionDue(cost: c.cost, context.settings) {
            out.ticket.state = .awaitingDecision
            out.tell(.management, "ticket.decide", acknowledged: true)
        } else {
            out.ticket.state = .implementing
        }
        return out
    }

    /// The customer, or the site lead for them, takes the solution. An accepted interim measure
    /// stops S as of its giving.
    public func solutionAccepted(
        reason: String? = nil, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        let permission = try permit(.solutionAcceptance, actor, context, at: now)
        guard var answered = pendingSolution else { throw .conflict("ticket.no_solution_pending") }
        var out = Outcome(self)
        try out.markSelfApproval(permission, .solutionAcceptance, reason: reason, by: actor, at: now)
        answered.answer = .accepted
        answered.answeredBy = actor.id
        answered.answeredAt = now
        out.ticket.put(answered)
        if answered.isInterim, solutionStoppedAt == nil {
            out.ticket.solutionStoppedAt = answered.at
            out.clock.append(.solutionAccepted(at: now, givenAt: answered.at, interim: true))
        } else if !answered.isInterim, solutionStoppedAt == answered.at {
            out.clock.append(.solutionAccepted(at: now, givenAt: answered.at, interim: false))
        }
        out.record(
            .solutionAcceptance, .public, text: reason, data: data(["interim": .of(answered.isInterim)]))
        if isCustomer(actor, context) { out.customerSpoke(at: now) }
        return out
    }

    /// → in_progress: S runs on as if never stopped, the time between not counted.
    public func solutionRefused(
        _ c: Reason, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        let permission = try permit(.solutionRefusal, actor, context, at: now)
        let reason = try c.checked()
        guard var answered = pendingSolution else { throw .conflict("ticket.no_solution_pending") }
        var out = Outcome(self)
        try out.markSelfApproval(permission, .solutionRefusal, reason: reason, by: actor, at: now)
        answered.answer = .refused
        answered.answeredBy = actor.id
        answered.answeredAt = now
        answered.refusalReason = reason
        out.ticket.put(answered)
        if answered.isInterim {
            if solutionStoppedAt == nil {
                out.clock.append(.solutionRefused(at: now, givenAt: answered.at, interim: true))
            }
        } else {
            out.ticket.state = .inProgress
            if solutionStoppedAt == answered.at {
                out.ticket.solutionStoppedAt = nil
                out.clock.append(.solutionRefused(at: now, givenAt: answered.at, interim: false))
            }
        }
        out.record(.solutionRefusal, .public, text: reason, data: data(["interim": .of(answered.isInterim)]))
        out.tell(.engineer, "ticket.solution_refused", acknowledged: true)
        if isCustomer(actor, context) { out.customerSpoke(at: now) }
        return out
    }

    /// awaiting_decision → implementing, or back to in_progress where the time between counts. A
    /// project's approved plan becomes the baseline; the old one stays.
    public func decided(
        _ c: DecisionStatement, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        let permission = try permit(.decision, actor, context, at: now)
        var content = Content()
        let statement = content.text("statement", c.statement)
        if c.shipment != nil, c.outcome == .returned {
            content.wrong("shipment", "ticket.shipment_returned")
        }
        try content.check()
        var out = Outcome(self)
        try out.markSelfApproval(permission, .decision, reason: statement, by: actor, at: now)
        out.ticket.decision = Decision(outcome: c.outcome, statement: statement, by: actor.id, at: now)
        switch c.outcome {
        case .approved:
            out.ticket.state = .implementing
            if category == .project, var plan = solution?.plan {
                plan.baselinedAt = now
                out.ticket.baselines.append(plan)
            }
        case .returned:
            out.ticket.state = .inProgress
            if let given = solution, solutionStoppedAt == given.at {
                out.ticket.solutionStoppedAt = nil
                out.clock = [.decisionReturned(at: now, givenAt: given.at)]
            }
        }
        out.record(
            .decision, .internal, text: statement, data: data(["outcome": .string(c.outcome.rawValue)]))
        if let shipment = c.shipment {
            out.ticket.tasksOpen += 1
            out.facts.append(
                TicketFact(
                    "shipment", .internal,
                    data: data(["number": .string(shipment.number), "part": .string(shipment.title)])))
        }
        out.tell(.engineer, "ticket.decided")
        return out
    }

    /// implementing → awaiting_evaluation; the solution leg is final from here.
    public func completionReported(
        _ c: CompletionReport, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.completion, actor, context, at: now)
        var content = Content()
        let report = content.text("report", c.report, max: 100_000)
        let nature = c.nature ?? nature
        if nature == nil { content.wrong("nature", "ticket.nature_missing") }
        content.notFuture("restored_at", c.restoredAt, now)
        if let restored = c.restoredAt, let found = foundAt ?? receivedAt, restored < found {
            content.wrong("restored_at", "ticket.before_receipt")
        }
        try content.check()
        var out = Outcome(self)
        out.ticket.nature = nature
        out.ticket.completion = Completion(
            report: report, restoredAt: c.restoredAt, by: actor.id, at: now)
        out.ticket.state = .awaitingEvaluation
        out.addWorker(actor.id)
        out.clock = [.reported(at: now, restoredAt: c.restoredAt)]
        out.record(
            .completion, .public, text: report,
            data: data(["restored_at": c.restoredAt.map { .of($0) }]))
        out.tell(.requester, "ticket.rate")
        out.tell(.siteLeads, "ticket.attest")
        return out
    }

    private mutating func put(_ answered: Solution) {
        if answered.isInterim { interim = answered } else { solution = answered }
    }
}
