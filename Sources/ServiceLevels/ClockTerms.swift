import Base

/// The calendars of the house, by id.
public struct CalendarBook: Sendable {
    public private(set) var calendars: [String: WorkCalendar]

    public init(_ calendars: [WorkCalendar]) {
        self.calendars = Dictionary(calendars.map { ($0.id, $0) }) { $1 }
    }

    public subscript(id: String) -> WorkCalendar? { calendars[id] }
}

/// A policy made ready for the clock: every target with its calendar, for one category.
///
/// Make it once per version and category and keep it; the clock only reads it.
public struct ClockTerms: Sendable {
    struct Entry: Sendable {
        let target: Target
        let calendar: WorkCalendar
        /// Milliseconds; nil for working days, which depend on the origin.
        let fixed: Int64?
    }

    /// Response P1 to P4, then solution P1 to P4.
    private let entries: [Entry]
    /// The grade that applies until a ticket is graded.
    public var loosest: Priority { .p4 }

    /// - Throws: `levels.calendar_unknown` where the book lacks a calendar of the policy.
    public init(_ policy: ServiceLevelPolicy, category: String? = nil, calendars: CalendarBook) throws {
        entries = try Leg.allCases.flatMap { leg in
            try Priority.allCases.map { priority in
                guard let target = policy.targets(priority, category: category)?[leg] else {
                    throw Failure.invalid("targets.\(priority.code)", "levels.targets_missing")
                }
                let id = policy.calendar(leg, target)
                guard let calendar = calendars[id] else {
                    throw Failure.invalid("calendars.\(leg.rawValue)", "levels.calendar_unknown", ["id": id])
                }
                var fixed: Int64?
                if case .counted(let s) = target.amount {
                    fixed = min(max(0, s), Target.mostSeconds) * 1000
                }
                return Entry(target: target, calendar: calendar, fixed: fixed)
            }
        }
    }

    @inline(__always)
    func entry(_ leg: Leg, _ priority: Priority) -> Entry {
        entries[(leg == .response ? 0 : 4) + priority.rawValue - 1]
    }
}

extension ClockTerms.Entry {
    /// The target in counted milliseconds, from that origin.
    @inline(__always)
    func milliseconds(from origin: Instant) -> Int64 {
        if let fixed { return fixed }
        guard case .workingDays(let n) = target.amount else { return 0 }
        let close = calendar.close(ofWorkingDay: n, after: origin)
        return max(0, calendar.counted(from: origin, to: close).ms)
    }
}
