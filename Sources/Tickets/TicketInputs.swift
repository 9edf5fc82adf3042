import Base
import ServiceLevels
import Web

// The bodies of the steps, by the names of the API. Each says its fields once.

struct ReasonInput: Command {
    var reason: String
    init(_ read: inout FieldReader) { reason = read.text("reason", max: 2000, lines: true) }
}

struct OptionalReasonInput: Command {
    var reason: String?
    init(_ read: inout FieldReader) { reason = read.optionalText("reason", max: 2000, lines: true) }
}

struct GradingInput: Command {
    var category: Category?
    var nature: Nature?
    var axes: [String: String]
    var safety: Bool

    init(_ read: inout FieldReader) {
        category = read.choice("category")
        nature = read.optionalChoice("nature")
        axes = GradingInput.axes(&read)
        safety = read.bool("safety")
    }

    static func axes(_ read: inout FieldReader) -> [String: String] {
        var axes = read.texts("axes") ?? [:]
        /// An axis may be named in two places, but not with two levels.
        func set(_ axis: String, _ level: String, as field: String) {
            if let known = axes[axis], known != level {
                read.fault(field, "field.contradiction", ["other": "axes.\(axis)"])
            }
            axes[axis] = level
        }
        // A page's grading table sets all axes by one choice: `impact=large;commonness=common`.
        if let cell = axes.removeValue(forKey: "cell") {
            for pair in cell.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
                if parts.count == 2 { set(parts[0], parts[1], as: "axes.cell") }
            }
        }
        for axis in ["impact", "commonness"] {
            if let level = read.optionalText(axis, max: 100) { set(axis, level, as: axis) }
        }
        return axes
    }

    /// The grade that the scheme gives; a combination that it leaves empty is refused by name.
    func grading(_ book: LevelsBook) throws -> Grading {
        let priority = try book.scheme().priority(of: axes, safety: safety)
        return Grading(axes: axes, safety: safety, schemeGrade: priority)
    }
}

struct AssignmentInput: Command {
    var engineer: AccountID
    var emergency: String?
    init(_ read: inout FieldReader) {
        engineer = read.id("engineer_id")
        emergency = read.optionalText("emergency", max: 2000, lines: true)
    }
}

struct MessageInput: Command {
    var body: String
    var channel: Channel?
    init(_ read: inout FieldReader) {
        body = read.text("body", max: 20_000, lines: true)
        channel = read.optionalChoice("channel")
    }
}

struct PauseInput: Command {
    var question: String
    init(_ read: inout FieldReader) { question = read.text("question", max: 20_000, lines: true) }
}

struct ResumptionInput: Command {
    var channel: Channel?
    var answeredAt: Instant?
    init(_ read: inout FieldReader) {
        channel = read.choice("channel")
        answeredAt = read.optionalInstant("answered_at")
    }
}

struct TaskInput: Command {
    var kind: TaskKind?
    var title: String
    var unit: OrganizationID?
    var owner: AccountID?
    var dueAt: Instant?
    init(_ read: inout FieldReader) {
        kind = read.choice("kind")
        title = read.text("title", max: 200)
        unit = read.optionalID("unit_id")
        owner = read.optionalID("owner_id")
        dueAt = read.optionalInstant("due_at")
    }
}

struct TaskChangeInput: Command {
    var done: Bool?
    var result: String?
    init(_ read: inout FieldReader) {
        done = read.optionalBool("done")
        result = read.optionalText("result", max: 4000, lines: true)
    }
}

struct VisitInput: Command {
    var engineer: AccountID
    var startAt: Instant?
    var endAt: Instant?
    init(_ read: inout FieldReader) {
        engineer = read.id("engineer_id")
        startAt = read.instant("start_at")
        endAt = read.instant("end_at")
    }
}

struct NextActionInput: Command {
    var at: Instant?
    var owner: AccountID
    var text: String
    init(_ read: inout FieldReader) {
        at = read.instant("at")
        owner = read.id("owner_id")
        text = read.text("text", max: 500)
    }
}

struct ClassificationInput: Command {
    var category: Category?
    var nature: Nature?
    var reason: String
    init(_ read: inout FieldReader) {
        category = read.choice("category")
        nature = read.optionalChoice("nature")
        reason = read.text("reason", max: 2000, lines: true)
    }
}

struct PriorityInput: Command {
    var axes: [String: String]
    var safety: Bool
    var kind: ClockEffect.Reprioritisation?
    var reason: String
    init(_ read: inout FieldReader) {
        axes = GradingInput.axes(&read)
        safety = read.bool("safety")
        kind = read.choice("kind")
        reason = read.text("reason", max: 2000, lines: true)
    }
}

struct CauseInput: Command {
    var statement: String?
    var knownProblem: KnownProblemID?
    init(_ read: inout FieldReader) {
        statement = read.optionalText("statement", max: 20_000, lines: true)
        knownProblem = read.optionalID("known_problem_id")
    }
}

struct MilestoneInput: Command {
    var title: String
    var dueAt: Instant?
    init(_ read: inout FieldReader) {
        title = read.text("title", max: 200)
        dueAt = read.instant("due_at")
    }
}

struct PlanInput: Command {
    var milestones: [MilestoneInput]
    var resources: String?
    init(_ read: inout FieldReader) {
        milestones = read.list("milestones", count: 1...100)
        resources = read.optionalText("resources", max: 4000, lines: true)
    }
}

struct SolutionInput: Command {
    var statement: String
    var isInterim: Bool
    var costMinor: Int64?
    var currency: String?
    var plan: PlanInput?
    init(_ read: inout FieldReader) {
        statement = read.text("statement", max: 20_000, lines: true)
        isInterim = read.bool("interim")
        costMinor = read.optionalInt("cost_minor", 0...1_000_000_000_000)
        currency = read.optionalText("currency", max: 3)?.uppercased()
        plan = read.optionalObject("plan")
        // People write an amount, programs minor units.
        if let amount = read.optionalText("cost", max: 40) {
            if let minor = Money.minor(amount, currency ?? "CNY") {
                if let costMinor, costMinor != minor {
                    read.fault("cost", "field.contradiction", ["other": "cost_minor"])
                }
                costMinor = minor
            } else {
                read.fault("cost", "field.not_a_number")
            }
        }
        if costMinor != nil, currency == nil { currency = "CNY" }
        if let currency, !Money.isCurrency(currency) { read.fault("currency", "ticket.currency") }
    }

    var command: SolutionStatement {
        SolutionStatement(
            statement: statement, isInterim: isInterim,
            cost: costMinor.map { Cost(minor: $0, currency: currency ?? "CNY") },
            plan: plan.map { plan in
                Plan(
                    milestones: plan.milestones.compactMap { m in
                        m.dueAt.map { Milestone(title: m.title, dueAt: $0) }
                    },
                    resources: plan.resources ?? "")
            })
    }
}

struct DecisionInput: Command {
    var outcome: Decision.Outcome?
    var statement: String
    /// What is sent, where that is decided too.
    var shipment: ShipmentInput?
    init(_ read: inout FieldReader) {
        outcome = read.choice("outcome")
        statement = read.text("statement", max: 20_000, lines: true)
        shipment = read.optionalObject("shipment")
    }
}

struct CompletionInput: Command {
    var report: String
    var nature: Nature?
    var restoredAt: Instant?
    init(_ read: inout FieldReader) {
        report = read.text("report", max: 20_000, lines: true)
        nature = read.optionalChoice("nature")
        restoredAt = read.optionalInstant("restored_at")
    }
}

struct EvaluationInput: Command {
    var rating: Rating
    init(_ read: inout FieldReader) {
        rating = Rating(
            response: Int(read.int("response", 1...5)), attitude: Int(read.int("attitude", 1...5)),
            skill: Int(read.int("skill", 1...5)), result: Int(read.int("result", 1...5)),
            comment: read.optionalText("comment", max: 4000, lines: true))
    }
}

struct AttestationInput: Command {
    var responseMet: Bool
    var solutionMet: Bool
    var reason: String?
    init(_ read: inout FieldReader) {
        responseMet = read.requiredBool("response_met")
        solutionMet = read.requiredBool("solution_met")
        reason = read.optionalText("reason", max: 2000, lines: true)
    }
}

struct ContactInput: Command {
    var channel: Channel?
    var at: Instant?
    var note: String
    init(_ read: inout FieldReader) {
        channel = read.choice("channel")
        at = read.instant("at")
        note = read.text("note", max: 2000, lines: true)
    }
}

struct ClosureInput: Command {
    var outcome: Closure.Outcome?
    var comment: String?
    init(_ read: inout FieldReader) {
        outcome = read.choice("outcome")
        comment = read.optionalText("comment", max: 4000, lines: true)
    }
}

struct ArchiveInput: Command {
    var summary: String
    var lesson: String?
    init(_ read: inout FieldReader) {
        summary = read.text("summary", max: 20_000, lines: true)
        lesson = read.optionalText("lesson", max: 20_000, lines: true)
    }
}

struct BodyInput: Command {
    var body: String
    init(_ read: inout FieldReader) { body = read.text("body", max: 20_000, lines: true) }
}

struct MergeInput: Command {
    var into: String
    init(_ read: inout FieldReader) { into = read.text("into", max: 64) }
}

struct PartInput: Command {
    var title: String
    var description: String
    init(_ read: inout FieldReader) {
        title = read.text("title", max: 200)
        description = read.text("description", max: 20_000, lines: true)
    }
}

struct SplitInput: Command {
    var parts: [PartInput]
    init(_ read: inout FieldReader) { parts = read.list("parts", count: 1...20) }
}
