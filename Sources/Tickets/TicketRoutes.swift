import Base
import People
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
            if step.rule.isSigned { try PeopleSigning.requireConfirmed(call) }
            let view = try Tickets.take(step, call.parameter("id"), tx) { view in
                try command(try call.input(C.self), view, tx)
            }
            return try TicketJSON.reply(call, view, status: status, done: step, tx)
        }
    }

    /// The same for the API alone: the page's composer also takes files and has a route of its own.
    mutating func api<C: Command>(
        _ step: Step, _ summary: String, _ input: C.Type, status: Int,
        _ command: @escaping @Sendable (C, TicketView, Transaction) throws -> TicketCommand
    ) {
        var own = StepTable(again: again)
        own.step(step, summary, input, status: status, command)
        for route in own.routes.all where route.surface == .api { routes.add(route) }
    }

    mutating func intake() {
        step(.submission, "Submit a draft", Nothing.self) { _, _, _ in .submission(Submission()) }
        step(.objection, "Object to a rejection", ReasonInput.self) { c, _, _ in .objection(Reason(c.reason))
        }
        step(.proposal, "Propose a classification", GradingInput.self) { c, view, _ in
            .proposal(
                Proposal(
                    category: c.category ?? .quality, nature: c.nature, grading: try c.grading(view.book)))
        }
        step(.approval, "Approve, classify and grade", GradingInput.self) { c, view, _ in
            .approval(
                Approval(
                    category: c.category ?? .quality, nature: c.nature, grading: try c.grading(view.book)))
        }
        step(.rejection, "Reject with a reason", ReasonInput.self) { c, _, _ in .rejection(Reason(c.reason)) }
        step(.cancellation, "Cancel with a reason", ReasonInput.self) { c, _, _ in
            .cancellation(Reason(c.reason))
        }
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
        step(.decision, "Decide, signed", DecisionInput.self) { c, view, tx in
            .decision(
                DecisionStatement(
                    outcome: c.outcome ?? .returned, statement: c.statement,
                    shipment: try c.shipment.map { try TicketShipments.send($0, for: view.ticket, tx) }))
        }
        step(.completion, "Report completion", CompletionInput.self) { c, _, _ in
            .completion(CompletionReport(report: c.report, nature: c.nature, restoredAt: c.restoredAt))
        }
        making(.tasks, "Add a coordination task", TaskInput.self, TicketTaskRoutes.shape) { c, view, tx in
            let task = try Tickets.newTask(c, view, tx)
            return (.task(task.command), task)
        }
        making(.visits, "Plan a visit", VisitInput.self, TicketTaskRoutes.visit) { c, view, tx in
            let visit = try Tickets.newVisit(c, view, tx)
            return (
                .visit(Visit(engineer: visit.engineer, startAt: visit.startAt, endAt: visit.endAt)), visit
            )
        }
        put(.nextAction, "Promise the next action", NextActionInput.self) { c, _, tx in
            try Tickets.mustServe(c.owner, "owner_id", tx)
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
                    id: target.ticket.id, organization: target.ticket.organization,
                    state: target.ticket.state,
                    receivedAt: target.ticket.receivedAt))
        }
    }

    mutating func conversation() {
        api(.responses, "Answer in public", MessageInput.self, status: 201) { c, _, _ in
            .response(Message(body: c.body, channel: c.channel))
        }
        api(.notes, "Write an internal note", MessageInput.self, status: 201) { c, _, _ in
            .note(Message(body: c.body, channel: c.channel))
        }
        step(.pause, "Ask the customer and pause", PauseInput.self) { c, _, _ in .pause(question: c.question)
        }
        step(.resumption, "Resume after an answer by another channel", ResumptionInput.self) { c, _, _ in
            .resumption(Resumption(channel: c.channel ?? .phone, answeredAt: c.answeredAt))
        }
        step(.contactAttempts, "Record a try to reach the customer", ContactInput.self, status: 201) {
            c, _, tx in
            .contactAttempt(ContactAttempt(channel: c.channel ?? .phone, at: c.at ?? tx.now, note: c.note))
        }
    }

    mutating func end() {
        step(.evaluation, "Rate: the requester only", EvaluationInput.self) { c, _, _ in .evaluation(c.rating)
        }
        step(.attestation, "Attest the service level, signed", AttestationInput.self) { c, _, _ in
            .attestation(
                AttestationStatement(responseMet: c.responseMet, solutionMet: c.solutionMet, reason: c.reason)
            )
        }
        step(.closure, "Close, return, or close as unreachable", ClosureInput.self) { c, _, _ in
            .closure(ClosureStatement(outcome: c.outcome ?? .returned, comment: c.comment))
        }
        step(.archive, "Archive", ArchiveInput.self) { c, _, _ in
            .archive(summary: c.summary, lesson: c.lesson)
        }
        step(.addenda, "Add to an archived ticket", BodyInput.self, status: 201) { c, _, _ in
            .addendum(body: c.body)
        }
    }

    /// A step that makes a thing of its own: the API answers with that thing.
    private mutating func making<C: Command, T: Sendable>(
        _ step: Step, _ summary: String, _: C.Type, _ shape: Shape<T>,
        _ command: @escaping @Sendable (C, TicketView, Transaction) throws -> (TicketCommand, T)
    ) {
        routes.step(
            "/tickets/{id}/" + step.rawValue,
            .init(summary, tag: "tickets", body: C.self, answer: .one(shape), status: 201), again: again
        ) { call, tx in
            var made: T?
            let view = try Tickets.take(step, call.parameter("id"), tx) { view in
                let (command, thing) = try command(try call.input(C.self), view, tx)
                made = thing
                return command
            }
            guard call.surface == .api, let made else {
                return try TicketJSON.reply(call, view, done: step, tx)
            }
            return Reply.json(shape.json(made), status: 201).tagged(1)
        }
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
            let view = try Tickets.take(step, call.parameter("id"), checking: call.requireVersion, tx) {
                view in
                try command(try call.input(C.self), view, tx)
            }
            return try TicketJSON.reply(call, view, done: step, tx)
        }
        routes.change("PUT", path, doc, run)
        routes.form(path, again: again, run)
    }
}
