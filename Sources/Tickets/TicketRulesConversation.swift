import Base
import Foundation

/// A public message or an internal note.
public struct Message: Sendable, Equatable {
    public var body: String
    /// How it was said; a call is recorded by it.
    public var channel: Channel?

    public init(body: String, channel: Channel? = nil) {
        self.body = body
        self.channel = channel
    }
}

public struct Resumption: Sendable, Equatable {
    public var channel: Channel
    /// When the customer answered; recorded only, the clock resumes at the server's time.
    public var answeredAt: Instant?

    public init(channel: Channel, answeredAt: Instant? = nil) {
        self.channel = channel
        self.answeredAt = answeredAt
    }
}

public enum TaskKind: String, Sendable, CaseIterable, Codable {
    case people, technology, management, material
}

/// A coordination task; a supplier sees only its own.
public struct CoordinationTask: Sendable, Equatable {
    public var kind: TaskKind
    public var title: String
    public var unit: OrganizationID?
    public var owner: AccountID?
    public var dueAt: Instant?

    public init(
        kind: TaskKind, title: String, unit: OrganizationID? = nil, owner: AccountID? = nil,
        dueAt: Instant? = nil
    ) {
        self.kind = kind
        self.title = title
        self.unit = unit
        self.owner = owner
        self.dueAt = dueAt
    }
}

public struct Visit: Sendable, Equatable {
    public var engineer: AccountID
    public var startAt: Instant
    public var endAt: Instant

    public init(engineer: AccountID, startAt: Instant, endAt: Instant) {
        self.engineer = engineer
        self.startAt = startAt
        self.endAt = endAt
    }
}

extension Ticket {
    /// A public message. From the customer it ends a pause, and reopens a ticket that was closed as
    /// unreachable; from a person of the house it stops R, and takes the assignee to work.
    public func responded(
        _ c: Message, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.responses, actor, context, at: now)
        var content = Content()
        let body = content.text("body", c.body, max: 100_000)
        try content.check()
        if state == .completed { return reopened(now, by: .responses, text: body) }
        var out = Outcome(self)
        out.record(
            .responses, .public, text: body,
            data: data(["channel": c.channel.map { .string($0.rawValue) }]))
        if isCustomer(actor, context) {
            out.customerSpoke(at: now)
        } else {
            if state != .rejected { out.respond(at: now) }
            if state == .dispatched, context.relation.contains(.assigned) {
                out.ticket.state = .inProgress
            }
            out.tell(.requester, "ticket.answered")
        }
        return out
    }

    /// An internal note: no clock hears it.
    public func noted(
        _ c: Message, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.notes, actor, context, at: now)
        var content = Content()
        let body = content.text("body", c.body, max: 100_000)
        try content.check()
        var out = Outcome(self)
        out.record(.notes, .internal, text: body)
        return out
    }

    /// A file. The customer's counts as the customer's word; the house's is no response.
    public func attached(
        name: String, visibility: Visibility = .public, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.attachments, actor, context, at: now)
        var content = Content()
        let name = content.text("file", name, max: 1000)
        try content.check()
        if state == .completed { return reopened(now, by: .attachments, text: name) }
        var out = Outcome(self)
        out.record(.attachments, visibility, data: data(["name": .string(name)]))
        if state != .draft, isCustomer(actor, context) { out.customerSpoke(at: now) }
        return out
    }

    /// in_progress → waiting_on_customer, with a new question, itself a public reply. Waiting for
    /// parts, suppliers or management is no pause.
    public func paused(
        question: String, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.pause, actor, context, at: now)
        var content = Content()
        let text = content.text("question", question)
        if questions.contains(where: { Self.folded($0.text) == Self.folded(text) }) {
            content.wrong("question", "ticket.question_repeated")
        }
        try content.check()
        var out = Outcome(self)
        out.respond(at: now)
        out.ticket.state = .waitingOnCustomer
        out.ticket.pausedAt = now
        out.ticket.questions.append(Question(text: text, by: actor.id, at: now))
        out.clock.append(.paused(at: now))
        out.record(.pause, .public, text: text, data: data(["count": .of(out.ticket.pauseCount)]))
        out.tell(.requester, "ticket.question")
        if out.ticket.pauseCount >= context.settings.toldFromPause {
            out.tell(.serviceManagers, "ticket.paused_often")
        }
        return out
    }

    /// A question as it is compared: width, case, spaces and the marks around it make no new one.
    private static func folded(_ question: String) -> String {
        let marks = CharacterSet.punctuationCharacters.union(.symbols)
        return CleanText.foldIdentifier(question).filter { !$0.isWhitespace }
            .trimmingCharacters(in: marks)
    }

    /// waiting_on_customer → in_progress, by staff who heard the answer elsewhere.
    public func resumed(
        _ c: Resumption, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.resumption, actor, context, at: now)
        var content = Content()
        content.notFuture("answered_at", c.answeredAt, now)
        if let answered = c.answeredAt, let pausedAt, answered < pausedAt {
            content.wrong("answered_at", "ticket.before_question")
        }
        try content.check()
        var out = Outcome(self)
        let spoke = c.answeredAt ?? now
        out.ticket.customerSpokeAt = max(spoke, customerSpokeAt ?? spoke)
        out.ticket.contactAttempts = []
        out.resume(at: now)
        out.record(
            .resumption, .internal,
            data: data([
                "channel": .string(c.channel.rawValue), "answered_at": .of(c.answeredAt ?? now),
            ]))
        return out
    }

    /// A coordination task more.
    public func tasked(
        _ c: CoordinationTask, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.tasks, actor, context, at: now)
        var content = Content()
        let title = content.text("title", c.title, max: 500)
        try content.check()
        var out = Outcome(self)
        out.ticket.tasksOpen += 1
        out.record(
            .tasks, .internal, text: title,
            data: data([
                "kind": .string(c.kind.rawValue), "unit_id": c.unit.map { .string($0.text) },
                "owner_id": c.owner.map { .string($0.text) }, "due_at": c.dueAt.map { .of($0) },
            ]))
        if let owner = c.owner { out.tell(.account(owner), "ticket.task", acknowledged: true) }
        return out
    }

    /// Who may report on a task, whatever the state.
    func permitTaskChange(_ actor: Actor, _ context: RuleContext) throws(Failure) {
        let mayTask = Step.tasks.rule.grants.contains { $0.covers(actor, context.relation) }
        guard mayTask || context.relation.contains(.holdsTask) else {
            throw Failure(.forbidden, "ticket.role", ["step": Strings.named(Step.tasks.nameKey)])
        }
    }

    func permitTaskChangeNow() throws(Failure) {
        guard Step.tasks.rule.states.contains(state) else { throw stateFailure(.tasks) }
    }

    /// A task done, or taken up again: by its owner or unit, an engineer of the ticket or a service
    /// manager.
    public func taskChanged(
        wasDone: Bool, isDone: Bool, result: String?, by actor: Actor, context: RuleContext,
        at now: Instant
    ) throws(Failure) -> Outcome {
        try permitTaskChange(actor, context)
        try permitTaskChangeNow()
        var content = Content()
        let result = content.optional("result", result)
        try content.check()
        var out = Outcome(self)
        if wasDone != isDone { out.ticket.tasksOpen = max(0, tasksOpen + (isDone ? -1 : 1)) }
        out.facts = [
            TicketFact("tasks/result", .internal, text: result, data: data(["done": .of(isDone)]))
        ]
        if isDone, !wasDone, out.ticket.tasksOpen == 0 { out.tell(.engineer, "ticket.tasks_done") }
        return out
    }

    public func visited(
        _ c: Visit, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.visits, actor, context, at: now)
        guard c.startAt < c.endAt else { throw .invalid("end_at", "ticket.ends_before_start") }
        var out = Outcome(self)
        out.ticket.visitors = (visitors ?? []).union([c.engineer])
        out.record(
            .visits, .public,
            data: data([
                "engineer_id": .string(c.engineer.text), "start_at": .of(c.startAt),
                "end_at": .of(c.endAt),
            ]))
        out.tell(.account(c.engineer), "ticket.visit")
        return out
    }

    public func nextActionSet(
        _ c: NextAction, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.nextAction, actor, context, at: now)
        var content = Content()
        let text = content.text("text", c.text, max: 2000)
        if c.at < now { content.wrong("at", "ticket.in_past") }
        try content.check()
        var out = Outcome(self)
        out.ticket.nextAction = NextAction(at: c.at, owner: c.owner, text: text)
        out.record(
            .nextAction, .internal, text: text,
            data: data(["at": .of(c.at), "owner_id": .string(c.owner.text)]))
        if c.owner != actor.id { out.tell(.account(c.owner), "ticket.next_action") }
        return out
    }

    /// Tries that are kept since the customer last spoke.
    static let maxContactAttempts = 50

    /// A try to reach the customer; three over two channels open the closure as unreachable.
    public func contactAttempted(
        _ c: ContactAttempt, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.contactAttempts, actor, context, at: now)
        var content = Content()
        let note = content.text("note", c.note, max: 2000)
        content.notFuture("at", c.at, now)
        if let receivedAt, c.at < receivedAt { content.wrong("at", "ticket.before_receipt") }
        // Several entries of one minute are one try, however often and by however many ways it is told.
        if contactAttempts.contains(where: { $0.at.ms / 60_000 == c.at.ms / 60_000 }) {
            content.wrong("at", "ticket.attempt_repeated")
        }
        try content.check()
        if contactAttempts.count >= Self.maxContactAttempts {
            throw .conflict("ticket.too_many_attempts", ["max": String(Self.maxContactAttempts)])
        }
        var out = Outcome(self)
        out.ticket.contactAttempts.append(
            ContactAttempt(channel: c.channel, at: c.at, note: note, by: actor.id))
        out.record(
            .contactAttempts, .internal, text: note,
            data: data(["channel": .string(c.channel.rawValue), "at": .of(c.at)]))
        return out
    }

    /// A correction of an archived ticket: added, nothing is changed.
    public func addendumWritten(
        body: String, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.addenda, actor, context, at: now)
        var content = Content()
        let body = content.text("body", body, max: 100_000)
        try content.check()
        var out = Outcome(self)
        out.record(.addenda, .internal, text: body)
        return out
    }
}
