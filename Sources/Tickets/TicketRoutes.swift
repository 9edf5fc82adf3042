import Base
import ServiceLevels
import Store
import Web

/// The steps of a ticket on both surfaces: `POST /api/v1/tickets/{id}/<step>` with JSON and
/// `POST /tickets/{id}/<step>` with a page's form, by one function each.
public enum TicketRoutes {
    public static func routes(_ routes: inout Routes, again: @escaping PageAgain) {
        var table = StepTable(again: again)
        table.intake()
        table.work()
        table.conversation()
        table.end()
        for route in table.routes.all { routes.add(route) }
        TicketReadRoutes.add(&routes)
    }

    /// Shows the ticket's page again with what was refused.
    public typealias PageAgain = @Sendable (Call, Transaction) throws -> Reply
}

/// Signs: pages ask for the password again, a token is as good as its password.
enum Signing {
    static let confirmedFor = Span.minutes(10)

    static func isConfirmed(_ call: Call) -> Bool {
        guard let caller = call.caller else { return false }
        guard caller.formToken != nil else { return true }
        return caller.confirmedAt.map { call.now - $0 <= confirmedFor } ?? false
    }
}

private struct StepTable {
    var routes = Routes()
    let again: TicketRoutes.PageAgain

    init(again: @escaping TicketRoutes.PageAgain) { self.again = again }

    /// One step with its body.
    mutating func step<C: Command>(
        _ step: Step, _ summary: String, _: C.Type, status: Int = 200,
        _ command: @escaping @Sendable (C, TicketView, Transaction) throws -> TicketCommand
    ) {
        routes.step(
            "/tickets/{id}/" + step.rawValue,
            .init(summary, tag: "tickets", body: C.self, answer: .one(TicketJSON.shape), status: status),
            again: again
        ) { call, tx in
            if call.surface == .page, step.rule.isSigned, !Signing.isConfirmed(call) {
                throw Failure.forbidden("signature.needed")
            }
            let view = try Tickets.take(step, call.parameter("id"), tx) { view in
                try command(try call.input(C.self), view, tx)
            }
            return try TicketJSON.reply(call, view, status: status, done: step, tx)
        }
    }

    mutating func intake() {
        step(.submission, "Submit a draft", Nothing.self) { _, _, _ in .submission(Submission()) }
        step(.objection, "Object to a rejection", ReasonInput.self) { c, _, _ in .objection(Reason(c.reason)) }
        step(.proposal, "Propose a classification", GradingInput.self) { c, view, _ in
            .proposal(
                Proposal(category: c.category ?? .quality, nature: c.nature, grading: try c.grading(view.book)))
        }
        step(.approval, "Approve, classify and grade", GradingInput.self) { c, view, _ in
            .approval(
                Approval(category: c.category ?? .quality, nature: c.nature, grading: try c.grading(view.book)))
        }
        step(.rejection, "Reject with a reason", ReasonInput.self) { c, _, _ in .rejection(Reason(c.reason)) }
        step(.cancellation, "Cancel with a reason", ReasonInput.self) { c, _, _ in .cancellation(Reason(c.reason)) }
        step(.reopening, "Reopen: a new cycle", ReasonInput.self) { c, _, _ in .reopening(Reason(c.reason)) }
        step(.assignment, "Dispatch to an engineer", AssignmentInput.self) { c, view, tx in
            .assignment(try Tickets.assignment(c, view, tx))
        }
        step(.acceptance, "Accept the task", Nothing.self) { _, _, _ in .acceptance }
        step(.refusal, "Hand the task back", ReasonInput.self) { c, _, _ in .refusal(Reason(c.reason)) }
    }

    mutating func work() {
        step(.cause, "State the cause, signed", CauseInput.self) { c, _, _ in
            .cause(CauseStatement(statement: c.statement, knownProblem: c.knownProblem))
        }
        step(.solution, "Give a solution, an interim measure or a plan", SolutionInput.self) { c, _, _ in
            .solution(c.command)
        }
        step(.solutionAcceptance, "Accept the solution", OptionalReasonInput.self) { c, _, _ in
            .solutionAcceptance(reason: c.reason)
        }
        step(.solutionRefusal, "Refuse the solution", ReasonInput.self) { c, _, _ in
            .solutionRefusal(Reason(c.reason))
        }
        step(.decision, "Decide, signed", DecisionInput.self) { c, _, _ in
            .decision(DecisionStatement(outcome: c.outcome ?? .returned, statement: c.statement))
        }
        step(.completion, "Report completion", CompletionInput.self) { c, _, _ in
            .completion(CompletionReport(report: c.report, nature: c.nature, restoredAt: c.restoredAt))
        }
        step(.tasks, "Add a coordination task", TaskInput.self, status: 201) { c, view, tx in
            .task(try Tickets.newTask(c, view, tx))
        }
        step(.visits, "Plan a visit", VisitInput.self, status: 201) { c, view, tx in
            .visit(try Tickets.newVisit(c, view, tx))
        }
        put(.nextAction, "Promise the next action", NextActionInput.self) { c, _, tx in
            try Tickets.mustBeActive(c.owner, "owner_id", tx)
            return .nextAction(NextAction(at: c.at ?? tx.now, owner: c.owner, text: c.text))
        }
        put(.classification, "Reclassify", ClassificationInput.self) { c, _, _ in
            .classification(
                Reclassification(category: c.category ?? .quality, nature: c.nature, reason: c.reason))
        }
        put(.priority, "Regrade", PriorityInput.self) { c, view, _ in
            let priority = try view.book.scheme().priority(of: c.axes, safety: c.safety)
            return .priority(
                Regrading(
                    grading: Grading(axes: c.axes, safety: c.safety, schemeGrade: priority),
                    kind: c.kind ?? .misjudged, reason: c.reason))
        }
        step(.split, "Split into parts", SplitInput.self) { c, _, tx in
            let zone = try TicketHouse.zone(tx)
            return .split(
                try c.parts.map {
                    Part(
                        id: tx.makeID(), number: try tx.nextTicketNumber(zone), title: $0.title,
                        description: $0.description)
                })
        }
        step(.merge, "Merge into another ticket", MergeInput.self) { c, _, tx in
            let target: StoredTicket
            do {
                target = try tx.ticket(c.into)
            } catch let f as Failure where f.kind == .notFound {
                throw Failure.invalid("into", "ticket.unknown_reference")
            }
            return .merge(
                MergeTarget(
                    id: target.ticket.id, organization: target.ticket.organization, state: target.ticket.state,
                    receivedAt: target.ticket.receivedAt))
        }
    }

    mutating func conversation() {
        step(.responses, "Answer in public", MessageInput.self, status: 201) { c, _, _ in
            .response(Message(body: c.body, channel: c.channel))
        }
        step(.notes, "Write an internal note", MessageInput.self, status: 201) { c, _, _ in
            .note(Message(body: c.body, channel: c.channel))
        }
        step(.pause, "Ask the customer and pause", PauseInput.self) { c, _, _ in .pause(question: c.question) }
        step(.resumption, "Resume after an answer by another channel", ResumptionInput.self) { c, _, _ in
            .resumption(Resumption(channel: c.channel ?? .phone, answeredAt: c.answeredAt))
        }
        step(.contactAttempts, "Record a try to reach the customer", ContactInput.self, status: 201) { c, _, tx in
            .contactAttempt(ContactAttempt(channel: c.channel ?? .phone, at: c.at ?? tx.now, note: c.note))
        }
    }

    mutating func end() {
        step(.evaluation, "Rate: the requester only", EvaluationInput.self) { c, _, _ in .evaluation(c.rating) }
        step(.attestation, "Attest the service level, signed", AttestationInput.self) { c, _, _ in
            .attestation(
                AttestationStatement(responseMet: c.responseMet, solutionMet: c.solutionMet, reason: c.reason))
        }
        step(.closure, "Close, return, or close as unreachable", ClosureInput.self) { c, _, _ in
            .closure(ClosureStatement(outcome: c.outcome ?? .returned, comment: c.comment))
        }
        step(.archive, "Archive", ArchiveInput.self) { c, _, _ in .archive(summary: c.summary, lesson: c.lesson) }
        step(.addenda, "Add to an archived ticket", BodyInput.self, status: 201) { c, _, _ in .addendum(body: c.body) }
    }

    /// A step that replaces something: PUT with `If-Match` in the API, a form with the version on pages.
    private mutating func put<C: Command>(
        _ step: Step, _ summary: String, _: C.Type,
        _ command: @escaping @Sendable (C, TicketView, Transaction) throws -> TicketCommand
    ) {
        var doc = Route.Doc(summary, tag: "tickets", body: C.self, answer: .one(TicketJSON.shape))
        doc.needsMatch = true
        let path = "/tickets/{id}/" + step.rawValue
        let run: @Sendable (Call, Transaction) throws -> Reply = { call, tx in
            let view = try Tickets.take(step, call.parameter("id"), match: VersionMatch(call), tx) { view in
                try command(try call.input(C.self), view, tx)
            }
            return try TicketJSON.reply(call, view, done: step, tx)
        }
        routes.change("PUT", path, doc, run)
        routes.form(path, again: again, run)
    }
}

/// Which version a caller means to change: `If-Match: "7"`, or a form's `_version`.
enum VersionMatch: Sendable {
    /// The step adds; any version will do.
    case notAsked
    case missing
    case version(Int64)

    init(_ call: Call) {
        guard let sent = call.headers["if-match"] ?? call.typed("_version") else {
            self = .missing
            return
        }
        // What is no version of ours matches nothing.
        self = .version(Int64(sent.filter { $0 != "\"" }) ?? -1)
    }

    /// 428 where one is needed and missing, 412 where it is another.
    func check(_ version: Int64) throws {
        switch self {
        case .notAsked: return
        case .missing: throw Failure(.preconditionRequired, "precondition.required")
        case .version(let v): if v != version { throw Failure(.preconditionFailed, "precondition.failed") }
        }
    }

    static func tag(_ version: Int64) -> String { "\"\(version)\"" }
}
