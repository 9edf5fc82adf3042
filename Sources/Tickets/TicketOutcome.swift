import Base
import ServiceLevels

/// What a step does to the clocks; the use case stores it as clock events.
public enum ClockEffect: Sendable, Equatable {
    public enum Reprioritisation: String, Sendable, CaseIterable {
        case misjudged
        case impactChanged = "impact_changed"
    }

    /// R, S and C start; until the grade R and S run provisionally at the policy's loosest grade.
    case start(at: Instant)
    case graded(Priority, provisional: Bool, at: Instant)
    case responded(at: Instant)
    case paused(at: Instant)
    case resumed(at: Instant)
    /// A final solution stops S, provisionally; an interim one only once it is accepted.
    case solutionGiven(at: Instant, interim: Bool)
    /// S runs on as if never stopped; for a final one the time since `givenAt` does not count.
    case solutionRefused(at: Instant, givenAt: Instant, interim: Bool)
    /// An accepted interim measure stops S as of `givenAt`.
    case solutionAccepted(at: Instant, givenAt: Instant, interim: Bool)
    /// S runs on, the time since `givenAt` counts.
    case decisionReturned(at: Instant, givenAt: Instant)
    /// A rejection: R stops, S and C are void.
    case rejected(at: Instant)
    /// Cancelled or merged: what still runs is void.
    case voided(at: Instant)
    /// An objection: all run on as if never stopped.
    case revived(at: Instant)
    /// The completion report: S is final. `restoredAt` ends the downtime.
    case reported(at: Instant, restoredAt: Instant?)
    /// C stops. Unreachable: a solution leg still pending is void.
    case closed(at: Instant, unreachable: Bool)
    /// Three fresh legs from `at`, the same grade, the policy then in force.
    case reopened(cycle: Int, priority: Priority?, at: Instant)
    case reprioritised(Reprioritisation, from: Priority?, to: Priority, at: Instant)
}

public enum Visibility: String, Sendable, CaseIterable {
    case `public`, `internal`
}

/// A line of the ticket's history and timeline.
public struct TicketFact: Sendable, Equatable {
    /// The step's API name, or `resumed`, `evaluation/absence`, `tasks/result` for what has none.
    public var name: String
    public var visibility: Visibility
    /// What a person wrote.
    public var text: String?
    public var data: JSON

    public init(_ name: String, _ visibility: Visibility, text: String? = nil, data: JSON = .object([])) {
        self.name = name
        self.visibility = visibility
        self.text = text
        self.data = data
    }
}

/// Somebody to tell; its sentence is `notice.<key>`.
public struct Notice: Sendable, Equatable {
    public enum Recipient: Sendable, Equatable {
        case requester, engineer
        /// The routed unit's service people.
        case unit
        case serviceManagers, technicalLeads, management, siteLeads, quality
        case account(AccountID)
    }

    public var to: Recipient
    public var key: String
    /// To be acknowledged; escalates otherwise.
    public var needsAcknowledgement: Bool

    public init(_ to: Recipient, _ key: String, needsAcknowledgement: Bool = false) {
        self.to = to
        self.key = key
        self.needsAcknowledgement = needsAcknowledgement
    }
}

/// The effect of a step: all of it is stored in one transaction or nothing.
public struct Outcome: Sendable, Equatable {
    public var ticket: Ticket
    public var clock: [ClockEffect] = []
    public var facts: [TicketFact] = []
    public var notices: [Notice] = []
    /// Parts split off, each with its own clock effects; ids and numbers come with the command.
    public var children: [Outcome] = []
    /// The cycle that a reopening froze.
    public var frozen: PastCycle?
    /// Reservations of stock are to be given back.
    public var releasesReservations = false

    public init(_ ticket: Ticket) { self.ticket = ticket }

    mutating func record(
        _ step: Step, _ visibility: Visibility, text: String? = nil, data: JSON = .object([])
    ) {
        facts.append(TicketFact(step.rawValue, visibility, text: text, data: data))
    }

    mutating func tell(_ to: Notice.Recipient, _ key: String, acknowledged: Bool = false) {
        notices.append(Notice(to, key, needsAcknowledgement: acknowledged))
    }

    /// R stops at the first public word of a person of the house.
    mutating func respond(at now: Instant) {
        guard ticket.respondedAt == nil else { return }
        ticket.respondedAt = now
        clock.append(.responded(at: now))
    }

    /// The customer spoke: a pause ends, contact is made.
    mutating func customerSpoke(at now: Instant) {
        ticket.customerSpokeAt = now
        ticket.contactAttempts = []
        resume(at: now)
        if ticket.engineer != nil { tell(.engineer, "ticket.customer_spoke") }
    }

    mutating func resume(at now: Instant) {
        guard ticket.state == .waitingOnCustomer else { return }
        ticket.state = .inProgress
        ticket.pausedAt = nil
        clock.append(.resumed(at: now))
        facts.append(TicketFact("resumed", .public))
    }

    /// Marks a step of own work that nobody else could take.
    mutating func markSelfApproval(
        _ permission: Permission, _ step: Step, reason: String?, by actor: Actor, at now: Instant
    ) throws(Failure) {
        guard permission.isSelfApproval else { return }
        guard let reason, !reason.trimmed.isEmpty else {
            throw Failure(.invalid, "ticket.self_approval_reason")
        }
        ticket.selfApprovals.append(
            SelfApproval(step: step, by: actor.id, at: now, reason: reason.trimmed))
    }

    mutating func addWorker(_ id: AccountID?) {
        if let id { ticket.workers.insert(id) }
    }
}

/// Collects what is wrong with a command's fields, all at once.
struct Content {
    var fields: [FieldFailure] = []

    mutating func wrong(_ field: String, _ code: String, _ arguments: [String: String] = [:]) {
        fields.append(FieldFailure(field: field, code: code, arguments: arguments))
    }

    /// Text that has to be there, trimmed.
    mutating func text(_ field: String, _ value: String?, max: Int = 20_000) -> String {
        let text = (value ?? "").trimmed
        if text.isEmpty { wrong(field, "field.required") }
        if text.count > max { wrong(field, "field.too_long", ["max": String(max)]) }
        return text
    }

    /// Text that may be there; blank counts as absent.
    mutating func optional(_ field: String, _ value: String?, max: Int = 20_000) -> String? {
        let text = (value ?? "").trimmed
        if text.count > max { wrong(field, "field.too_long", ["max": String(max)]) }
        return text.isEmpty ? nil : text
    }

    mutating func notFuture(_ field: String, _ value: Instant?, _ now: Instant) {
        if let value, value > now { wrong(field, "ticket.in_future") }
    }

    func check() throws(Failure) {
        if !fields.isEmpty { throw Failure(.invalid, "invalid", fields: fields) }
    }
}

func data(_ members: KeyValuePairs<String, JSON?>) -> JSON { JSON.make(members) }
