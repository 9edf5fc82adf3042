import Base
import ServiceLevels
import Store
import Web

/// The API's shape of a ticket, stated once for answers and for the description.
struct TicketModel: Sendable {
    var view: TicketView
    var names: TicketPeople.Names
    var allowed: [Step]
    var internalToo: Bool

    var ticket: Ticket { view.ticket }
    var state: ClockState?

    /// A reference: id and name, so that a caller need not ask again.
    struct Reference: Sendable {
        var id: String
        var name: String
    }

    func account(_ id: AccountID?) -> Reference? {
        id.map { Reference(id: $0.text, name: names.accounts[$0] ?? "") }
    }
    func organization(_ id: OrganizationID?) -> Reference? {
        id.map { Reference(id: $0.text, name: names.organizations[$0] ?? "") }
    }
}

enum TicketJSON {
    static let reference = Shape<TicketModel.Reference>(
        "Reference", [.text("id") { $0.id }, .text("name") { $0.name }])

    struct LegModel: Sendable {
        var state: LegState
        var now: Instant
        var hasPause: Bool
    }

    static func leg(_ name: String) -> Shape<LegModel> {
        var fields: [Shape<LegModel>.Field] = [
            .int("target_s") { $0.state.target.seconds }, .time("due_at") { $0.state.projectedDue },
            .time("stopped_at") { $0.state.stoppedAt }, .choice("verdict") { $0.state.verdict },
            .int("remaining_s") { $0.state.isRunning ? $0.state.remaining.seconds : nil },
            .int("elapsed_s") { $0.state.elapsed.seconds }, .bool("is_paused") { $0.state.isPaused },
            .bool("is_provisional") { $0.state.isProvisional }, .bool("grading") { $0.state.isGradingFault },
        ]
        if name == "Solution" { fields.append(.int("paused_s") { $0.state.paused.seconds }) }
        return Shape<LegModel>("SLA" + name, fields)
    }

    static let completionClock = Shape<CompletionState>(
        "SLACompletion",
        [
            .time("started_at") { $0.startedAt }, .time("stopped_at") { $0.stoppedAt },
            .int("elapsed_s") { $0.elapsed?.seconds },
        ])

    static let sla = Shape<(policy: ServiceLevelPolicy?, state: ClockState, now: Instant)>(
        "SLA",
        [
            .optionalText("policy") { $0.policy.map { "\($0.id)@\($0.version)" } },
            .object("response", leg("Response")) {
                LegModel(state: $0.state.response, now: $0.now, hasPause: false)
            },
            .object("solution", leg("Solution")) {
                LegModel(state: $0.state.solution, now: $0.now, hasPause: true)
            },
            .object("completion", completionClock) { $0.state.completion },
        ])

    static let shape = Shape<TicketModel>(
        "Ticket",
        [
            .text("id") { $0.ticket.id.text }, .text("number") { $0.ticket.number },
            .choice("category") { $0.ticket.category }, .choice("nature") { $0.ticket.nature },
            .choice("state") { $0.ticket.state }, .int("cycle") { Int64($0.ticket.cycle) },
            .text("title") { $0.ticket.title }, .text("description") { $0.ticket.description },
            .optionalText("urgency") { $0.ticket.urgency }, .optionalText("impact") { $0.ticket.impact },
            .optionalText("commonness") { $0.ticket.commonness },
            .any("axes", schema: .make(["type": "object"])) { m in
                .object(m.ticket.axes.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
            },
            .bool("safety") { $0.ticket.safety },
            .optionalText("priority") { $0.ticket.priority?.code },
            .object("requester", reference) { $0.account($0.ticket.requester) },
            .object("organization", reference) { $0.organization($0.ticket.organization) },
            .object("project", reference) { m in
                m.ticket.project.map { .init(id: $0.text, name: m.names.projects[$0] ?? "") }
            },
            .object("site", reference) { m in
                m.ticket.site.map { .init(id: $0.text, name: m.names.sites[$0]?.name ?? "") }
            },
            .optionalText("product_unit") { $0.ticket.productUnit?.text },
            .bool("is_watched") { $0.ticket.isWatched ?? false },
            .object("engineer", reference) { $0.account($0.ticket.engineer) },
            .object("unit", reference) { $0.internalToo ? $0.organization($0.ticket.unit) : nil },
            .optionalText("product") { $0.ticket.product }, .optionalText("model") { $0.ticket.model },
            .optionalText("serial") { $0.ticket.serial }, .optionalText("batch") { $0.ticket.batch },
            .optionalText("configuration") { $0.ticket.configuration },
            .optionalText("operating_hours") { $0.ticket.operatingHours },
            .optionalText("part_number") { $0.ticket.partNumber },
            .optionalText("quantity") { $0.ticket.quantity },
            .optionalText("environment") { $0.ticket.environment },
            .optionalText("failure_mode") { $0.ticket.failureMode },
            .optionalText("sub_type") { $0.ticket.subType },
            .optionalText("importance") { $0.ticket.importance },
            .optionalText("difficulty") { $0.ticket.difficulty },
            .optionalText("outline") { $0.ticket.outline },
            .object("sla", sla) { m in m.state.map { (m.view.clock?.policy, $0, $0.completion.startedAt) } },
            .any("cause") { m in
                guard m.internalToo else { return .null }
                return m.ticket.cause.map {
                    .make([
                        "statement": .string($0.statement), "known_problem_id": .of($0.knownProblem?.text),
                        "by": .of($0.by?.text), "at": .of($0.at),
                    ])
                } ?? .null
            },
            .any("solution") { m in
                (m.ticket.solution ?? m.ticket.interim).map { solution($0, m.internalToo) } ?? .null
            },
            .any("interim") { m in m.ticket.interim.map { solution($0, m.internalToo) } ?? .null },
            .any("decision") { m in
                guard m.internalToo else { return .null }
                return m.ticket.decision.map {
                    .make([
                        "outcome": .string($0.outcome.rawValue), "statement": .string($0.statement),
                        "by": .of($0.by?.text), "at": .of($0.at),
                    ])
                } ?? .null
            },
            .any("completion") { m in
                m.ticket.completion.map {
                    .make([
                        "report": .string($0.report), "restored_at": .of($0.restoredAt),
                        "by": .of($0.by?.text),
                        "at": .of($0.at),
                    ])
                } ?? .null
            },
            .any("evaluation", schema: TicketSchemas.evaluation) { m in
                (m.ticket.evaluation ?? m.ticket.lateEvaluation).map(evaluation) ?? .null
            },
            .any("earlier_evaluations", schema: TicketSchemas.earlierEvaluations) { m in
                .array(m.ticket.earlierEvaluations.map(evaluation))
            },
            .any("attestation") { m in
                m.ticket.attestation.map {
                    .make([
                        "response_met": .bool($0.responseMet), "solution_met": .bool($0.solutionMet),
                        "computed_response_met": $0.computedResponseMet.map { .bool($0) },
                        "computed_solution_met": $0.computedSolutionMet.map { .bool($0) },
                        "reason": m.internalToo ? .of($0.reason) : .null, "by": .of($0.by?.text),
                        "at": .of($0.at),
                    ])
                } ?? .null
            },
            .any("self_approved", schema: .make(["type": "array", "items": .make(["type": "string"])])) { m in
                .array(m.ticket.selfApprovals.map { .string($0.step.rawValue) })
            },
            .time("next_action_at") { $0.ticket.nextAction?.at ?? $0.view.stored.clocks.due },
            .choice("origin") { $0.ticket.origin },
            .time("received_at") { $0.ticket.receivedAt ?? $0.ticket.statedReceipt },
            .time("created_at") { $0.ticket.createdAt }, .time("updated_at") { $0.view.stored.updatedAt },
            .choice("turn") { $0.ticket.turn($0.view.context.settings).party },
            .any("recorded_verdict", schema: .make(["type": ["boolean", "null"]])) { m in
                m.ticket.recordedVerdict.map { .bool($0) } ?? .null
            },
            .optionalText("parent") { $0.ticket.parent?.text },
            .optionalText("merged_into") { $0.ticket.mergedInto?.text },
            .int("version") { $0.ticket.version },
            .any("allowed", schema: .make(["type": "array", "items": .make(["type": "string"])])) { m in
                .array(m.allowed.map { .string($0.rawValue) })
            },
        ])

    static func solution(_ s: Solution, _ internalToo: Bool) -> JSON {
        .make([
            "statement": .string(s.statement), "interim": .bool(s.isInterim), "by": .of(s.by?.text),
            "at": .of(s.at),
            "answer": .string(s.answer.rawValue), "answered_at": .of(s.answeredAt),
            "refusal_reason": .of(s.refusalReason),
            "cost_minor": internalToo ? .of(s.cost?.minor) : .null,
            "currency": internalToo ? .of(s.cost?.currency) : .null,
            "plan": s.plan.map { plan in
                .make([
                    "milestones": .array(
                        plan.milestones.map { .make(["title": .string($0.title), "due_at": .of($0.dueAt)]) }),
                    "resources": internalToo ? .string(plan.resources) : .null,
                    "baselined_at": .of(plan.baselinedAt),
                ])
            },
        ])
    }

    static func evaluation(_ e: Evaluation) -> JSON {
        .make([
            "response": .of(e.response), "attitude": .of(e.attitude), "skill": .of(e.skill),
            "result": .of(e.result),
            "comment": .of(e.comment), "at": .of(e.at), "by": .of(e.by?.text),
            "by_link": .bool(e.link != nil),
            "link_made_by": .of(e.link?.madeBy?.text), "link_made_by_name": .of(e.link?.madeByName),
        ])
    }

    /// The model of a loaded ticket: what the caller may do and the names that it shows.
    static func model(_ view: TicketView, _ tx: Transaction) throws -> TicketModel {
        var view = view
        view.context = try Tickets.context(view, tx)
        return TicketModel(
            view: view, names: try TicketPeople.names([view.ticket], tx), allowed: view.allowed(tx),
            internalToo: TicketAccess.seesInternal(tx.actor), state: view.clock?.clock.state(at: tx.now))
    }

    /// After a step: the ticket as JSON, or back to its page.
    static func reply(_ call: Call, _ view: TicketView, status: Int = 200, done step: Step, _ tx: Transaction)
        throws
        -> Reply
    {
        if call.surface == .page {
            let done = step.rawValue.replacing("/", with: "_")
            // Who hands a ticket back, or was on it only by post, may not see it any more.
            let isSeen = try tx.exists(
                "select 1 from ticket t where t.id = \(view.ticket.id) and \(TicketAccess.visible(to: tx.actor))"
            )
            guard isSeen else { return .redirect(StartPage.path(tx.actor) + "?done=\(done)") }
            return .redirect("/tickets/\(view.ticket.number)?done=\(done)")
        }
        return Reply.json(try model(view, tx), shape, status: status).tagged(view.ticket.version)
    }
}

/// A line of a list in the API.
enum TicketRowJSON {
    static let leg: JSON = .make(["type": "object"])
    static let shape = Shape<TicketRow>(
        "TicketLine",
        [
            .text("id") { $0.id.text }, .text("number") { $0.number }, .choice("category") { $0.category },
            .choice("nature") { $0.nature }, .choice("state") { $0.state }, .int("cycle") { Int64($0.cycle) },
            .text("title") { $0.title }, .optionalText("priority") { $0.priority?.code },
            .object("requester", TicketJSON.reference) { reference($0.requester?.text, $0.requesterName) },
            .object("organization", TicketJSON.reference) {
                reference($0.organization?.text, $0.organizationName)
            },
            .object("project", TicketJSON.reference) { reference($0.project?.text, $0.projectName) },
            .object("site", TicketJSON.reference) { reference($0.site?.text, $0.siteName) },
            .object("engineer", TicketJSON.reference) { reference($0.engineer?.text, $0.engineerName) },
            .optionalText("model") { $0.model }, .optionalText("serial") { $0.serial },
            .any("sla", schema: .make(["type": "object"])) { row in
                let c = row.clocks
                return .make([
                    "response": .make([
                        "verdict": .of(c.responseVerdict?.rawValue), "due_at": .of(c.responseDue),
                        "stopped_at": .of(c.responseStopped), "target_s": .of(c.responseTarget?.seconds),
                    ]),
                    "solution": .make([
                        "verdict": .of(c.solutionVerdict?.rawValue), "due_at": .of(c.solutionDue),
                        "stopped_at": .of(c.solutionStopped), "target_s": .of(c.solutionTarget?.seconds),
                        "paused_s": .of(c.solutionPaused?.seconds),
                        "remaining_s": .of(c.solutionRemaining?.seconds),
                    ]),
                ])
            },
            .choice("turn") { $0.turn.party }, .time("next_action_at") { $0.nextActionAt ?? $0.clocks.due },
            .time("received_at") { $0.receivedAt }, .time("created_at") { $0.createdAt },
            .time("updated_at") { $0.updatedAt }, .int("version") { $0.version },
        ])

    private static func reference(_ id: String?, _ name: String?) -> TicketModel.Reference? {
        id.map { .init(id: $0, name: name ?? "") }
    }
}
