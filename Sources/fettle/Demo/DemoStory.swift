import Base
import Tickets
import Web

/// The life of one ticket as a list of steps in time: what each person does, in the hours in which they
/// work, with the content's own words. The same seed and receipt give the same story; moved in time, it
/// keeps its shape.
struct DemoStory: Sendable {
    /// Above it management decides about a solution; fen.
    static let costLimit: Int64 = 2_000_000

    /// What is out of the ordinary in this life.
    enum Turn: Sendable {
        case plain, draft, rejected, objected, cancelled
        case merged(into: Int)
        case reopened, unreachable, reclassified
        case split, emergency
    }

    let text: DemoContent.Story
    let content: DemoContent
    let house: DemoHouse
    let receivedAt: Instant
    let turn: Turn
    let words: DemoWords
    let cast: DemoCast
    var random: SeededRandom
    private(set) var steps: [DemoStep] = []
    private(set) var clock: Instant
    private(set) var state: TicketState = .draft
    var tasks: [(name: String, owner: String, result: String)] = []
    /// One of rating and attestation is there.
    var halfDone = false
    /// The first public word of the house was said.
    var hasAnswered = false

    init(
        _ text: DemoContent.Story, _ content: DemoContent, _ house: DemoHouse, receivedAt: Instant,
        turn: Turn,
        isRecent: Bool, atAnyHour: Bool = false, seed: UInt64
    ) {
        self.text = text
        self.content = content
        self.house = house
        self.turn = turn
        words = DemoWords(text.lang)
        var random = SeededRandom(seed)
        cast = DemoCast(text, content, isRecent: isRecent, &random)
        let isUrgent = text.safety || text.urgency == "critical"
        // Alarms come at any hour, wishes in office hours.
        let zone = cast.zone(text.requester)
        let office = DemoHours.office(receivedAt, zone, &random)
        self.receivedAt = isUrgent || atAnyHour ? receivedAt : office
        self.random = random
        clock = self.receivedAt
        play()
    }

    private var isUnreachable: Bool {
        if case .unreachable = turn { true } else { false }
    }

    // MARK: The pen

    /// Adds a step, at least a minute after the last one.
    mutating func add(_ at: Instant, _ who: String, _ next: TicketState? = nil, _ action: DemoStep.Action) {
        clock = max(at, clock + .seconds(61))
        if let next { state = next }
        steps.append(DemoStep(at: clock, who: who, state: state, action: action))
    }

    mutating func post(
        _ at: Instant, _ who: String, _ next: TicketState? = nil, _ step: Step,
        _ body: KeyValuePairs<String, JSON?> = [:]
    ) {
        add(at, who, next, .post(step.rawValue, .make(body)))
    }

    mutating func truncate(after i: Int) { steps = Array(steps.prefix(i + 1)) }

    /// Somewhat later, in that person's office hours unless it presses.
    mutating func later(_ span: Span, _ who: String) -> Instant {
        let t = clock + span
        let office = DemoHours.office(t, cast.zone(who), &random)
        return presses ? t : office
    }

    /// Acknowledges the notice within half an hour, before it would escalate; not always.
    mutating func see(_ who: String, _ chance: Double) {
        let at = clock + random.minutes(2, 28)
        if random.chance(chance) { add(at, who, nil, .acknowledge) }
    }

    func account(_ who: String) -> JSON { .of(house.people[who]?.text) }

    var presses: Bool { text.safety || text.priority == "P1" }

    /// The hours that the project's level gives.
    var hours: DemoContent.Hours {
        let level = content.project(text.project)?.serviceLevel ?? "house-default"
        return content.levels.first { $0.id == level }?.targets[text.priority]
            ?? DemoContent.Hours(responseHours: 12, solutionHours: 168)
    }

    /// What the parts cost; only where it decides as the content says.
    var cost: Int64? {
        let sum = text.parts.reduce(Int64(0)) { $0 + (content.prices[$1.number] ?? 0) * $1.quantity }
        if text.decision != nil, !isGraveQuality, text.category != "project" {
            return max(sum, DemoStory.costLimit + 600_000)
        }
        if sum > DemoStory.costLimit, !isDecisionDue { return nil }
        return sum > 0 ? sum : nil
    }
    var isGraveQuality: Bool {
        text.category == "quality" && (text.priority == "P1" || text.priority == "P2")
    }
    var isDecisionDue: Bool { isGraveQuality || text.category == "project" || text.decision != nil }

    // MARK: The life

    private mutating func play() {
        if case .draft = turn {
            open(draft: true)
            return
        }
        open(draft: false)
        switch turn {
        case .rejected: return reject(thenObject: false)
        case .objected: reject(thenObject: true)
        case .cancelled: return cancel()
        case .merged(let into): return merge(into)
        case .emergency: emergency()
        default: break
        }
        let isResponseLate = random.chance(0.12)
        let isSolutionLate = random.chance(0.17)
        let response = Span.hours(hours.responseHours).times(
            isResponseLate ? random.share(1.1, 1.9) : random.share(0.08, 0.6))
        let solution = Span.hours(hours.solutionHours).times(
            isSolutionLate ? random.share(1.1, 1.5) : random.share(0.2, 0.75))
        intake(until: receivedAt + response, isLate: isResponseLate)
        work(answerAt: receivedAt + response, until: receivedAt + solution)
        if case .unreachable = turn { return loseTouch() }
        solve(receivedAt + solution)
        finish()
        if case .reopened = turn { reopen() }
    }

    /// The form as the customer fills it, or somebody of the house for them.
    private mutating func open(draft: Bool) {
        let isOnBehalf = cast.enterer != cast.requester
        let unit = content.units.first { $0.id == text.productUnit }
        let product = text.product.flatMap { content.products[$0] }
        let found = receivedAt - random.minutes(10, text.category == "quality" ? 240 : 30)
        let mode = product?.failureModes.first { $0.id == text.failureMode }?.name.text(text.lang)
        let delay = random.minutes(presses ? 5 : 20, presses ? 15 : 90)
        let spare = text.tags.contains("paper_p4_rust") ? "WR10-1113" : nil
        let body = JSON.make([
            "title": .string(text.title), "description": .string(text.description),
            "category": .string(enteredCategory), "urgency": .string(text.urgency),
            "draft": draft ? true : nil,
            "requester_id": isOnBehalf ? account(cast.requester) : nil,
            "organization_id": isOnBehalf ? .of(house.organizations[text.organisation]?.text) : nil,
            "project_id": .of(house.projects[text.project]?.text),
            "site_id": .of(house.sites[text.site]?.text),
            "received_at": isOnBehalf ? .of(receivedAt) : nil,
            "received_reason": isOnBehalf ? .string(words.receivedByPhone) : nil,
            "found_at": text.category == "quality" ? .of(found) : nil,
            "product": .of(text.product), "model": product.map { .string($0.model) },
            "serial": unit.map { .string($0.serial) },
            "configuration": unit?.softwareVersion.map { .string($0) },
            "operating_hours": unit?.operatingHours.map { .string("\($0) h") },
            "part_number": spare.map { .string($0) }, "quantity": spare == nil ? nil : "2",
            "failure_mode": mode.map { .string($0) }, "sub_type": .string(text.subType),
            "difficulty": text.tags.contains("hard") ? "hard" : nil,
            "outline": text.category == "project" ? .string(text.plan?.resources ?? text.title) : nil,
        ])
        add(
            isOnBehalf ? receivedAt + delay : receivedAt, isOnBehalf ? cast.enterer : cast.requester,
            draft ? .draft : .submitted, .open(body))
        if text.category == "quality", !draft, random.chance(0.4) {
            add(clock + random.minutes(1, 6), cast.requester, nil, .attach(.any(text, &random)))
        }
    }

    private var enteredCategory: String {
        if case .reclassified = turn { return "quality" }
        return text.category
    }

    var grading: [JSON.Member] {
        [
            .init("impact", .string(text.impact)), .init("commonness", .string(text.commonness)),
            .init("safety", .bool(text.safety)),
        ]
    }

    /// Notice, proposal, approval, dispatch: all before the first answer, unless that one is late.
    private mutating func intake(until answer: Instant, isLate: Bool) {
        let start = clock
        let time = isLate ? (answer - start).times(0.5) : answer - start
        func at(_ share: Double) -> Instant { start + time.times(share) }
        let isSeen = random.chance(0.85)
        let seen = random.minutes(2, 26)
        if isSeen { add(min(at(0.3), start + seen), cast.manager, nil, .acknowledge) }
        let proposes = random.chance(0.12)
        let isHandedBack = random.chance(0.05)
        let accepts = random.chance(0.6)
        var members: [JSON.Member] = [.init("category", .string(enteredCategory))]
        // Who is closed as unreachable reports no completion, so the nature has to be known before.
        let isKnown = random.chance(0.7)
        if isKnown || isUnreachable { members.append(.init("nature", .string(text.nature))) }
        if proposes, state == .submitted {
            add(at(0.2), cast.siteLead, nil, .post(Step.proposal.rawValue, .object(members + grading)))
        }
        if case .emergency = turn {
            add(at(0.5), cast.manager, nil, .post(Step.approval.rawValue, .object(members + grading)))
        } else {
            add(at(0.4), cast.manager, .opened, .post(Step.approval.rawValue, .object(members + grading)))
            if isHandedBack {
                post(
                    at(0.5), cast.manager, .dispatched, .assignment, ["engineer_id": account(cast.colleague)])
                post(at(0.6), cast.colleague, .opened, .refusal, ["reason": .string(words.busy)])
            }
            post(at(0.7), cast.manager, .dispatched, .assignment, ["engineer_id": account(cast.engineer)])
        }
        see(cast.engineer, 0.85)
        if accepts { post(at(0.8), cast.engineer, .inProgress, .acceptance) }
    }

    /// Signed cause, solution or plan, its acceptance, management's decision.
    mutating func solve(_ at: Instant) {
        resumeIfPaused()
        let isReturned = isDecisionDue && random.chance(0.08)
        let isRefused = !isDecisionDue && random.chance(0.06)
        let isAccepted = random.chance(0.5)
        if let cause = text.cause ?? (isGraveQuality ? text.solution : nil) {
            let before = max(clock + random.minutes(20, 90), at - random.minutes(30, 180))
            post(before, cast.technicalLead, nil, .cause, ["statement": .string(cause)])
        }
        let statement = text.solution ?? text.description
        give(at, statement)
        if isRefused {
            post(
                later(random.hours(1, 8), cast.requester), cast.requester, .inProgress, .solutionRefusal,
                ["reason": .string(words.refusedSolution)])
            give(later(random.hours(2, 20), cast.engineer), statement + words.amended)
        }
        if isDecisionDue {
            if isReturned {
                decide("returned", words.returnedSolution, .inProgress)
                give(later(random.hours(2, 16), cast.engineer), statement + words.amended)
            }
            decide("approved", text.decision?.statement ?? words.approvedPlan, .implementing)
        }
        if isAccepted || isRefused {
            post(later(random.hours(1, 20), cast.requester), cast.requester, nil, .solutionAcceptance)
        }
    }

    private mutating func give(_ at: Instant, _ statement: String) {
        let plan = text.plan.map { plan in
            JSON.make([
                "resources": .string(plan.resources),
                "milestones": .array(
                    plan.milestones.map {
                        .make(["title": .string($0.title), "due_at": .of(receivedAt + .days($0.dueDay))])
                    }),
            ])
        }
        hasAnswered = true
        post(
            at, cast.engineer, isDecisionDue ? .awaitingDecision : .implementing, .solution,
            [
                "statement": .string(statement), "cost_minor": cost.map { .int($0) },
                "currency": cost == nil ? nil : "CNY", "plan": plan,
            ])
    }

    private mutating func decide(_ outcome: String, _ statement: String, _ next: TicketState) {
        let wait = presses ? random.hours(0.5, 3) : random.hours(3, 40)
        let who = text.decision?.by ?? cast.decider
        see(who, 0.7)
        post(
            later(wait, who), who, next, .decision,
            ["outcome": .string(outcome), "statement": .string(statement)])
    }
}
