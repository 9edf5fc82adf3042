import Base
import ServiceLevels

/// What the house decides about the rules; each a setting with versions.
public struct TicketSettings: Sendable, Equatable {
    public enum FourEyes: String, Sendable, CaseIterable {
        case strict
        case whenPossible = "when_possible"
    }

    public var fourEyes = FourEyes.strict
    /// Quality problems up to this grade need a signed cause before a final solution.
    public var causeNeededTo = Priority.p2
    /// Quality problems up to this grade need management's decision.
    public var decisionNeededTo = Priority.p2
    /// Above it management decides; minor units by currency (ISO 4217). A currency without a limit
    /// has the limit 0.
    public var costLimits: [String: Int64] = ["CNY": 2_000_000]
    public var evaluationWait = Span.hours(14 * 24)
    public var lateEvaluationWindow = Span.hours(30 * 24)
    public var reopeningWindow = Span.hours(30 * 24)
    public var emergencyApprovalWithin = Span.hours(24)
    public var contactAttempts = 3
    public var contactChannels = 2
    /// In the customer's working days.
    public var contactWorkingDays = 5
    /// The approver is told from this pause of a cycle on.
    public var toldFromPause = 3

    public init() {}
}

/// All that a rule needs to know beside the ticket, the person and the time.
public struct RuleContext: Sendable {
    public var settings: TicketSettings
    public var relation: Relation
    /// Steps that no active person but the actor may take (four eyes `when_possible`).
    public var noOtherPersonFor: Set<Step>
    /// On duty now: may dispatch in an emergency.
    public var isOnDuty: Bool
    /// Active site leads of the ticket's site.
    public var siteLeads: Set<AccountID>
    /// What the clock says; nil where a leg is void or pending.
    public var computedResponseMet: Bool?
    public var computedSolutionMet: Bool?
    /// Parts split off that are not closed.
    public var openChildren: Int
    /// Loans, reservations or returns still open.
    public var hasUnsettledStock: Bool
    /// 归零 is due and not finished.
    public var hasOpenQualityClosure: Bool
    /// The customer's working days touched from one instant to another, both days counted.
    public var workingDays: @Sendable (Instant, Instant) -> Int

    public init(
        settings: TicketSettings = TicketSettings(), relation: Relation = [],
        noOtherPersonFor: Set<Step> = [], isOnDuty: Bool = false, siteLeads: Set<AccountID> = [],
        computedResponseMet: Bool? = nil, computedSolutionMet: Bool? = nil, openChildren: Int = 0,
        hasUnsettledStock: Bool = false, hasOpenQualityClosure: Bool = false,
        workingDays: @escaping @Sendable (Instant, Instant) -> Int = { from, to in
            Int(((to - from).ms / Span.days(1).ms) + 1)
        }
    ) {
        self.settings = settings
        self.relation = relation
        self.noOtherPersonFor = noOtherPersonFor
        self.isOnDuty = isOnDuty
        self.siteLeads = siteLeads
        self.computedResponseMet = computedResponseMet
        self.computedSolutionMet = computedSolutionMet
        self.openChildren = openChildren
        self.hasUnsettledStock = hasUnsettledStock
        self.hasOpenQualityClosure = hasOpenQualityClosure
        self.workingDays = workingDays
    }
}

/// What a step did.
public struct Permission: Sendable, Equatable {
    /// Own work, let through because nobody else could: a reason is due and the step is marked.
    public var isSelfApproval: Bool
}

extension Ticket {
    /// Whether the person may take the step now, its content left aside. Refusals in order of
    /// precedence: role (403 `ticket.role`, `ticket.site_lead_attests`), own work (403
    /// `ticket.own_work`), state (409 `ticket.imported`, `ticket.state`), gates (409).
    @discardableResult
    public func permit(
        _ step: Step, _ actor: Actor, _ context: RuleContext, at now: Instant
    ) throws(Failure) -> Permission {
        if let refused = roleRefusal(step, actor, context) { throw refused }
        var permission = Permission(isSelfApproval: false)
        if step.rule.forbidsOwnWork, let id = actor.id, workers.contains(id) {
            guard context.settings.fourEyes == .whenPossible, context.noOtherPersonFor.contains(step)
            else { throw Failure(.forbidden, "ticket.own_work", ["step": Strings.named(step.nameKey)]) }
            permission.isSelfApproval = true
        }
        if isImported, step != .addenda { throw .conflict("ticket.imported") }
        if !step.rule.states.contains(state) { throw stateFailure(step) }
        if let refused = stateRefusal(step, actor, context, now) { throw refused }
        return permission
    }

    /// The steps open to the person now, the primary one first. The same table and gates as the
    /// steps themselves; only content can still be refused.
    public func allowed(for actor: Actor, context: RuleContext, at now: Instant) -> [Step] {
        let first = primarySteps
        var open: [Step] = []
        for step in first where may(step, actor, context, now) { open.append(step) }
        for step in Step.allCases where !first.contains(step) && may(step, actor, context, now) {
            open.append(step)
        }
        return open
    }

    private func may(_ step: Step, _ actor: Actor, _ context: RuleContext, _ now: Instant) -> Bool {
        // Most steps fail by the state: no refusal need be put into words for that.
        step.rule.states.contains(state) && (try? permit(step, actor, context, at: now)) != nil
    }

    func stateFailure(_ step: Step) -> Failure {
        .conflict(
            "ticket.state", ["step": Strings.named(step.nameKey), "state": Strings.named(state.nameKey)])
    }

    /// Only who may ever take the step, whatever the state: what comes before versions are compared.
    func permitRole(_ step: Step, _ actor: Actor, _ context: RuleContext) throws(Failure) {
        if let refused = roleRefusal(step, actor, context) { throw refused }
    }

    func roleRefusal(_ step: Step, _ actor: Actor, _ context: RuleContext) -> Failure? {
        var refused: Failure {
            Failure(.forbidden, "ticket.role", ["step": Strings.named(step.nameKey)])
        }
        guard step.rule.grants.contains(where: { $0.covers(actor, context.relation) }) else {
            return refused
        }
        switch step {
        case .assignment where !actor.has(.serviceManager) && !context.isOnDuty:
            return refused
        case .attestation where !Grant.siteLead.covers(actor, context.relation):
            return context.siteLeads.subtracting(workers).isEmpty
                ? nil : .forbidden("ticket.site_lead_attests")
        case .cancellation where isOnlyEntered(actor, context) && state != .draft:
            return refused
        default: return nil
        }
    }

    /// Neither asked for it nor a service manager: only typed it in.
    private func isOnlyEntered(_ actor: Actor, _ context: RuleContext) -> Bool {
        !actor.has(.serviceManager) && !context.relation.contains(.requester)
    }

    /// Conditions of state and gates behind the table's states.
    private func stateRefusal(
        _ step: Step, _ actor: Actor, _ context: RuleContext, _ now: Instant
    ) -> Failure? {
        var wrongState: Failure { stateFailure(step) }
        switch step {
        case .approval, .proposal:
            return state == .submitted || provisional != nil ? nil : wrongState
        case .assignment:
            return state == .submitted || actor.has(.serviceManager) ? nil : wrongState
        case .cancellation:
            let early = TicketStates(.draft, .submitted, .opened).contains(state)
            if early, context.relation.contains(.requester) { return nil }
            if state == .draft, context.relation.contains(.entered) { return nil }
            let late = TicketStates.working.contains(state)
            return late && actor.has(.serviceManager) ? nil : wrongState
        case .responses where state == .completed:
            // After the end only a customer who could not be reached still speaks: contact reopens.
            return closure?.outcome == .unreachable && isCustomer(actor, context) ? nil : wrongState
        case .attachments where state == .completed:
            return closure?.outcome == .unreachable && isCustomer(actor, context) ? nil : wrongState
        case .cause where state == .awaitingDecision || state == .implementing:
            // Behind the solution only where a new category or grade has made it due since.
            return isCauseNeeded(context.settings) && cause == nil ? nil : wrongState
        case .decision where state == .implementing:
            // Likewise: in work a solution stands undecided only where its decision became due since.
            return isDecisionMissing(context.settings) ? nil : wrongState
        case .solution where state == .implementing:
            return category == .project && baseline != nil ? nil : wrongState
        case .solutionAcceptance, .solutionRefusal:
            return pendingSolution == nil ? .conflict("ticket.no_solution_pending") : nil
        case .completion:
            return gradeRefusal(context.settings) ?? tasksRefusal
        case .evaluation: return evaluationRefusal(context, now)
        case .attestation: return attestation == nil ? nil : .conflict("ticket.attested")
        case .closure where state != .awaitingClosure:
            return isUnreachable(context) ? closureRefusal(context) : wrongState
        case .archive: return archiveRefusal(context)
        case .reopening:
            if actor.has(.quality) { return nil }
            guard let closed = closure?.at else { return wrongState }
            return now <= closed + context.settings.reopeningWindow
                ? nil : .conflict("ticket.reopening_window")
        case .merge: return context.openChildren > 0 ? .conflict("ticket.children_open") : nil
        default: return nil
        }
    }

    var tasksRefusal: Failure? {
        tasksOpen > 0 ? .conflict("ticket.tasks_open", ["count": String(tasksOpen)]) : nil
    }

    func isCustomer(_ actor: Actor, _ context: RuleContext) -> Bool {
        Grant.customer.covers(actor, context.relation)
    }

    /// The solution that waits for the customer's word: the final one where one is given.
    var pendingSolution: Solution? {
        switch state {
        case .awaitingDecision, .implementing: solution?.answer == .pending ? solution : nil
        case .inProgress, .waitingOnCustomer: interim?.answer == .pending ? interim : nil
        default: nil
        }
    }

    /// A final solution of a grave quality problem stands on a signed cause.
    public func isCauseNeeded(_ settings: TicketSettings) -> Bool {
        guard category == .quality, let priority else { return false }
        return priority <= settings.causeNeededTo
    }

    /// What the present grade and category ask of a given solution: neither a grade lowered while it was
    /// given nor a late classification goes round the cause or the decision.
    func gradeRefusal(_ settings: TicketSettings) -> Failure? {
        if solution != nil, isCauseNeeded(settings), cause == nil { return .conflict("ticket.cause_missing") }
        return isDecisionMissing(settings) ? .conflict("ticket.decision_missing") : nil
    }

    /// A solution is given that management has to decide about and has not approved.
    func isDecisionMissing(_ settings: TicketSettings) -> Bool {
        guard let solution else { return false }
        return decision?.outcome != .approved && isDecisionDue(cost: solution.cost, settings)
    }

    /// Whether management has to decide about a solution.
    public func isDecisionDue(cost: Cost?, _ settings: TicketSettings) -> Bool {
        if category == .project { return true }
        if category == .quality, let priority, priority <= settings.decisionNeededTo { return true }
        guard let cost else { return false }
        return cost.minor > settings.costLimits[cost.currency, default: 0]
    }
}
