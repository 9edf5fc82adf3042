import Base

/// A grade and the terms it is measured by.
public struct Grade: Sendable, Hashable {
    public var priority: Priority
    /// Which of the clock's terms; another than 0 after a change of category that has targets of its
    /// own.
    public var terms: UInt8

    public init(_ priority: Priority, terms: UInt8 = 0) {
        self.priority = priority
        self.terms = terms
    }
}

/// Why a priority is changed.
public enum Reprioritisation: String, Sendable, CaseIterable {
    /// It was wrong from the start; so is reclassifying.
    case misjudged
    /// The world changed.
    case impactChanged = "impact_changed"
}

/// How a leg stands.
public enum Verdict: String, Sendable, CaseIterable {
    case pending, met, missed, void
}

/// A fact of one cycle that moves its clocks, at an instant of the server's. Facts are stored in order
/// and never changed; everything else is computed from them.
public struct ClockEvent: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Approval, or an emergency's provisional grade.
        case graded(Grade)
        case reprioritised(Reprioritisation, Grade)
        /// The first human answer that the customer can see, or any later one.
        case responded
        /// Waiting for the customer's answer to a question, itself a public answer.
        case paused
        case resumed
        case solutionGiven(interim: Bool)
        case solutionRefused
        case solutionAccepted
        /// Management sent the solution back.
        case decisionReturned
        /// The completion report: from now on the solution can no longer be refused.
        case completionReported
        case rejected
        case objected
        /// Cancelled, merged into another one, or imported.
        case voided
        case closed
        /// An edit of a calendar or policy leaves this leg as it was; see `ServiceClock.keeping`.
        case kept(Leg, Verdict, due: Instant)
    }

    public var at: Instant
    public var kind: Kind

    public init(_ at: Instant, _ kind: Kind) {
        self.at = at
        self.kind = kind
    }
}

extension ClockEvent {
    /// `{"at", "kind", …}`: the form in which a fact is stored.
    public var json: JSON {
        var members: [JSON.Member] = [.init("at", .of(at))]
        func put(_ kind: String) { members.append(.init("kind", .string(kind))) }
        func put(_ grade: Grade) {
            members.append(.init("priority", .string(grade.priority.code)))
            if grade.terms > 0 { members.append(.init("terms", .int(Int64(grade.terms)))) }
        }
        switch kind {
        case .graded(let grade):
            put("graded")
            put(grade)
        case .reprioritised(let why, let grade):
            put(why.rawValue)
            put(grade)
        case .solutionGiven(let interim): put(interim ? "interim_given" : "solution_given")
        case .kept(let leg, let verdict, let due):
            put("kept")
            members.append(.init("leg", .string(leg.rawValue)))
            members.append(.init("verdict", .string(verdict.rawValue)))
            members.append(.init("due_at", .of(due)))
        default: put(ClockEvent.plain.first { $0.1 == kind }?.0 ?? "")
        }
        return .object(members)
    }

    public init(json: JSON) throws {
        let f = try Fields(json)
        at = try f.instant("at")
        let name = try f.text("kind")
        func grade() throws -> Grade {
            guard let priority = Priority(code: try f.text("priority")) else { throw f.bad("priority") }
            return Grade(priority, terms: UInt8(try f.optionalInt("terms", 0...255) ?? 0))
        }
        switch name {
        case "graded": kind = .graded(try grade())
        case "interim_given": kind = .solutionGiven(interim: true)
        case "solution_given": kind = .solutionGiven(interim: false)
        case "kept":
            guard let leg = Leg(rawValue: try f.text("leg")) else { throw f.bad("leg") }
            guard let verdict = Verdict(rawValue: try f.text("verdict")) else { throw f.bad("verdict") }
            kind = .kept(leg, verdict, due: try f.instant("due_at"))
        default:
            if let why = Reprioritisation(rawValue: name) {
                kind = .reprioritised(why, try grade())
            } else if let plain = ClockEvent.plain.first(where: { $0.0 == name }) {
                kind = plain.1
            } else {
                throw f.bad("kind")
            }
        }
    }

    /// The kinds that carry nothing.
    private static let plain: [(String, Kind)] = [
        ("responded", .responded), ("paused", .paused), ("resumed", .resumed),
        ("solution_refused", .solutionRefused), ("solution_accepted", .solutionAccepted),
        ("decision_returned", .decisionReturned), ("completion_reported", .completionReported),
        ("rejected", .rejected), ("objected", .objected), ("voided", .voided), ("closed", .closed),
    ]
}
