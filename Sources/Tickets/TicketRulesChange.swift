import Base
import ServiceLevels

public struct Reclassification: Sendable, Equatable {
    public var category: Category
    public var nature: Nature?
    public var reason: String

    public init(category: Category, nature: Nature?, reason: String) {
        self.category = category
        self.nature = nature
        self.reason = reason
    }
}

public struct Regrading: Sendable, Equatable {
    public var grading: Grading
    public var kind: ClockEffect.Reprioritisation
    public var reason: String

    public init(grading: Grading, kind: ClockEffect.Reprioritisation, reason: String) {
        self.grading = grading
        self.kind = kind
        self.reason = reason
    }
}

/// The ticket to merge into, as loaded through the actor's eyes.
public struct MergeTarget: Sendable, Equatable {
    public var id: TicketID
    public var organization: OrganizationID?
    public var state: TicketState
    public var receivedAt: Instant?

    public init(
        id: TicketID, organization: OrganizationID?, state: TicketState, receivedAt: Instant?
    ) {
        self.id = id
        self.organization = organization
        self.state = state
        self.receivedAt = receivedAt
    }

    public init(_ ticket: Ticket) {
        self.init(
            id: ticket.id, organization: ticket.organization, state: ticket.state,
            receivedAt: ticket.receivedAt)
    }
}

/// A part to split off; id and number are made by the caller.
public struct Part: Sendable, Equatable {
    public var id: TicketID
    public var number: String
    public var title: String
    public var description: String

    public init(id: TicketID, number: String, title: String, description: String) {
        self.id = id
        self.number = number
        self.title = title
        self.description = description
    }
}

extension Ticket {
    /// Another category or nature. Number, received time and history stay; the clock takes it as a
    /// misjudged grade, for another policy may apply. After the end only the nature may change.
    public func reclassified(
        _ c: Reclassification, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.classification, actor, context, at: now)
        if state == .completed, c.category != category { throw stateFailure(.classification) }
        var content = Content()
        let reason = content.text("reason", c.reason, max: 2000)
        try content.check()
        var out = Outcome(self)
        out.ticket.category = c.category
        out.ticket.nature = c.nature ?? nature
        if c.category != category, let priority {
            out.clock = [.reprioritised(.misjudged, from: priority, to: priority, at: now)]
        }
        if c.category == .project, (outline ?? "").isEmpty { out.ticket.outline = description }
        askForDecision(&out, context)
        out.record(
            .classification, .public, text: reason,
            data: data([
                "from": category.map { .string($0.rawValue) }, "category": .string(c.category.rawValue),
                "nature": out.ticket.nature.map { .string($0.rawValue) },
            ]))
        return out
    }

    /// A solution that is being carried out needs management's word where the new category or grade asks
    /// for it: nobody goes round a decision by classifying late.
    private func askForDecision(_ out: inout Outcome, _ context: RuleContext) {
        guard state == .implementing, decision == nil,
            out.ticket.isDecisionDue(cost: solution?.cost, context.settings),
            !isDecisionDue(cost: solution?.cost, context.settings)
        else { return }
        out.ticket.state = .awaitingDecision
        out.tell(.management, "ticket.decide", acknowledged: true)
    }

    /// Another grade. A changed impact upwards starts from now; downwards counts as misjudged and
    /// the customer is told.
    public func reprioritised(
        _ c: Regrading, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.priority, actor, context, at: now)
        var content = Content()
        let reason = content.text("reason", c.reason, max: 2000)
        if c.grading.priority == nil { content.wrong("axes", "ticket.grade_missing") }
        try content.check()
        guard let priority = c.grading.priority else { throw .invalid("axes", "ticket.grade_missing") }
        var out = Outcome(self)
        out.ticket.grade(c.grading, priority, by: actor)
        let isDown = self.priority.map { $0 < priority } ?? false
        if priority != self.priority {
            out.clock = [
                .reprioritised(
                    isDown ? .misjudged : c.kind, from: self.priority, to: priority, at: now)
            ]
        }
        askForDecision(&out, context)
        out.record(
            .priority, .public, text: reason,
            data: data([
                "from": self.priority.map { .string($0.code) }, "to": .string(priority.code),
                "kind": .string(c.kind.rawValue),
            ]))
        if isDown { out.tell(.requester, "ticket.downgraded") }
        if priority < (self.priority ?? .p4), engineer != nil { out.tell(.engineer, "ticket.upgraded") }
        return out
    }

    /// → merged into an earlier ticket of the same customer. Across customers both are linked to an
    /// internal problem record instead.
    public func merged(
        into target: MergeTarget, by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.merge, actor, context, at: now)
        if target.id == id { throw .invalid("into", "ticket.merge_into_itself") }
        guard let organization, target.organization == organization else {
            throw .invalid("into", "ticket.merge_across_customers")
        }
        guard target.state.isOpen else { throw .invalid("into", "ticket.merge_target_closed") }
        if let own = receivedAt, let theirs = target.receivedAt, theirs > own {
            throw .invalid("into", "ticket.merge_into_later")
        }
        var out = Outcome(self)
        out.ticket.state = .merged
        out.ticket.mergedInto = target.id
        out.ticket.provisional = nil
        out.ticket.pausedAt = nil
        out.clock = [.voided(at: now)]
        out.releasesReservations = true
        out.record(.merge, .public, data: data(["into": .string(target.id.text)]))
        out.tell(.requester, "ticket.merged")
        return out
    }

    /// Parts become tickets of their own that inherit the received time and the answer already
    /// given; this one closes last.
    public func split(
        _ parts: [Part], by actor: Actor, context: RuleContext, at now: Instant
    ) throws(Failure) -> Outcome {
        try permit(.split, actor, context, at: now)
        var content = Content()
        if parts.isEmpty { content.wrong("parts", "field.required") }
        if parts.count > 50 { content.wrong("parts", "field.wrong_count", ["min": "1", "max": "50"]) }
        var out = Outcome(self)
        for part in parts.prefix(50) {
            var child = Ticket(
                id: part.id, number: part.number,
                title: content.text("parts.title", part.title, max: 500),
                description: content.text("parts.description", part.description, max: 100_000),
                category: category, createdBy: actor.id, createdAt: now)
            child.takeOver(from: self)
            var born = Outcome(child)
            if let receivedAt { born.clock.append(.start(at: receivedAt)) }
            if let respondedAt { born.clock.append(.responded(at: respondedAt)) }
            born.record(
                .submission, .public, text: child.description, data: data(["split_from": .string(id.text)]))
            born.tell(.unit, "ticket.submitted", acknowledged: true)
            out.children.append(born)
        }
        try content.check()
        out.record(
            .split, .public, data: data(["parts": .array(parts.map { .string($0.id.text) })]))
        return out
    }

    private mutating func takeOver(from parent: Ticket) {
        state = .submitted
        origin = .split
        self.parent = parent.id
        urgency = parent.urgency
        requester = parent.requester
        requesterName = parent.requesterName
        organization = parent.organization
        project = parent.project
        site = parent.site
        unit = parent.unit
        catalogueItem = parent.catalogueItem
        productUnit = parent.productUnit
        product = parent.product
        model = parent.model
        serial = parent.serial
        batch = parent.batch
        configuration = parent.configuration
        operatingHours = parent.operatingHours
        environment = parent.environment
        foundAt = parent.foundAt
        foundPlace = parent.foundPlace
        receivedAt = parent.receivedAt
        receivedReason = parent.receivedReason
        respondedAt = parent.respondedAt
    }
}
