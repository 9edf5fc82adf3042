import Base

/// The legs of a cycle that have a target.
public enum Leg: String, Sendable, CaseIterable, Codable {
    /// To the first human answer.
    case response
    /// To a solution *given*, not to closing.
    case solution
}

/// How much time a leg has.
public struct Target: Sendable, Hashable {
    public enum Amount: Sendable, Hashable {
        /// Seconds of counted time; a day is 24 counted hours.
        case counted(Int64)
        /// To the close of the n-th working day after the origin's day.
        case workingDays(Int)
    }

    public var amount: Amount
    /// Instead of the policy's calendar for the leg.
    public var calendar: String?

    public init(_ amount: Amount, calendar: String? = nil) {
        self.amount = amount
        self.calendar = calendar
    }

    public static func hours(_ n: Int64) -> Target { Target(.counted(n * 3600)) }
    public static func days(_ n: Int64) -> Target { Target(.counted(n * 86_400)) }
    public static func workingDays(_ n: Int) -> Target { Target(.workingDays(n)) }
}

/// The targets of one grade.
public struct GradeTargets: Sendable, Hashable {
    public var response: Target
    public var solution: Target

    public init(response: Target, solution: Target) {
        self.response = response
        self.solution = solution
    }

    public subscript(leg: Leg) -> Target { leg == .response ? response : solution }
}

/// What a policy is made for. The closest one wins, in the order of the cases.
public enum PolicyScope: Sendable, Hashable {
    case catalogueItem(String)
    case project(String)
    case contract(String)
    case house
}

/// A service level policy (时效性协议) in one version. A change makes another version and never
/// rewrites what an earlier one decided.
public struct ServiceLevelPolicy: Sendable, Equatable {
    public var id: String
    public var version: Int
    public var label: Label
    public var scope: PolicyScope
    /// In force for tickets received from this instant on, and before `effectiveUntil` if there is one.
    public var effectiveFrom: Instant
    public var effectiveUntil: Instant?
    /// The calendars of the legs, by id.
    public var responseCalendar: String
    public var solutionCalendar: String
    /// A row for each of P1 to P4.
    public var targets: [Priority: GradeTargets]
    /// Rows that a category has for itself; grades left out follow `targets`.
    public var categories: [String: [Priority: GradeTargets]]

    /// - Throws: `levels.targets_missing` where a grade has no row, `levels.target_wrong` for less than
    ///   nothing or more than ten years.
    public init(
        id: String, version: Int = 1, label: Label = Label(), scope: PolicyScope,
        effectiveFrom: Instant, effectiveUntil: Instant? = nil, responseCalendar: String,
        solutionCalendar: String, targets: [Priority: GradeTargets],
        categories: [String: [Priority: GradeTargets]] = [:]
    ) throws {
        self.id = id
        self.version = version
        self.label = label
        self.scope = scope
        self.effectiveFrom = effectiveFrom
        self.effectiveUntil = effectiveUntil
        self.responseCalendar = responseCalendar
        self.solutionCalendar = solutionCalendar
        self.targets = targets
        self.categories = categories
        for priority in Priority.allCases where targets[priority] == nil {
            throw Failure.invalid("targets.\(priority.code)", "levels.targets_missing")
        }
        for (table, path) in [(targets, "targets")] + categories.map({ ($1, "categories.\($0)") }) {
            for (priority, row) in table {
                for leg in Leg.allCases where !row[leg].isSound {
                    throw Failure.invalid(
                        "\(path).\(priority.code).\(leg.rawValue)", "levels.target_wrong")
                }
            }
        }
    }

    /// The row of a grade; the category's own where it has one.
    public func targets(_ priority: Priority, category: String?) -> GradeTargets? {
        category.flatMap { categories[$0]?[priority] } ?? targets[priority]
    }

    /// The calendar of a leg under a target, by id.
    public func calendar(_ leg: Leg, _ target: Target) -> String {
        target.calendar ?? (leg == .response ? responseCalendar : solutionCalendar)
    }

    /// All calendars that the policy names.
    public var calendars: Set<String> {
        var out: Set<String> = [responseCalendar, solutionCalendar]
        for table in [targets] + categories.values {
            for row in table.values {
                for leg in Leg.allCases { if let id = row[leg].calendar { out.insert(id) } }
            }
        }
        return out
    }

    /// Whether there is a time at which both are in force.
    func overlaps(_ other: ServiceLevelPolicy) -> Bool {
        (effectiveUntil.map { other.effectiveFrom < $0 } ?? true)
            && (other.effectiveUntil.map { effectiveFrom < $0 } ?? true)
    }

    /// The house's own policy: Table 1 of the paper on graded service, all round the clock.
    public static func standard(from: Instant, calendar: String = "24x7") throws -> ServiceLevelPolicy {
        try ServiceLevelPolicy(
            id: "house",
            label: Label(en: "House standard", hans: "公司标准时效", hant: "公司標準時效"),
            scope: .house, effectiveFrom: from, responseCalendar: calendar, solutionCalendar: calendar,
            targets: [
                .p1: GradeTargets(response: .hours(2), solution: .hours(24)),
                .p2: GradeTargets(response: .hours(4), solution: .days(3)),
                .p3: GradeTargets(response: .hours(12), solution: .days(7)),
                .p4: GradeTargets(response: .hours(24), solution: .days(14)),
            ])
    }
}

extension Target {
    /// Ten years: beyond it a number was mistyped.
    static let mostSeconds: Int64 = 3660 * 86_400

    var isSound: Bool {
        switch amount {
        case .counted(let s): (0...Target.mostSeconds).contains(s)
        case .workingDays(let n): (0...3660).contains(n)
        }
    }
}

extension Sequence<ServiceLevelPolicy> {
    /// The policy for a ticket: the closest scope that has a version in force at `receivedAt`
    /// (catalogue item, then project, contract, house), of that scope the version that came into force
    /// last. nil where not even the house has one.
    public func closest(
        catalogueItem: String?, project: String?, contract: String?, receivedAt: Instant
    ) -> ServiceLevelPolicy? {
        let scopes: [PolicyScope?] = [
            catalogueItem.map { .catalogueItem($0) }, project.map { .project($0) },
            contract.map { .contract($0) }, .house,
        ]
        for case let scope? in scopes {
            let inForce = filter {
                $0.scope == scope && $0.effectiveFrom <= receivedAt
                    && ($0.effectiveUntil.map { receivedAt < $0 } ?? true)
            }
            if let best = inForce.max(by: {
                ($0.effectiveFrom, $0.version) < ($1.effectiveFrom, $1.version)
            }) {
                return best
            }
        }
        return nil
    }
}
