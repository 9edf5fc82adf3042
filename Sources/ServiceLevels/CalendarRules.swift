import Base

/// What a calendar says of each single day.
public struct CalendarRules: Sendable {
    public let definition: CalendarDefinition
    public let zone: Zone
    let isAlways: Bool

    private let makeUp: [DaySpan]
    private let sets: [HolidaySet]
    private let special: [Int: HolidaySet.Day]

    init(_ definition: CalendarDefinition, holidays: [HolidaySet]) throws {
        guard let zone = Zone(definition.zone) else {
            throw Failure.invalid("zone", "levels.zone_unknown")
        }
        self.definition = definition
        self.zone = zone
        makeUp =
            definition.makeUpWeekday.map { definition.week[$0 - 1] }
            ?? definition.week.first { !$0.isEmpty } ?? []
        sets = try definition.holidaySets.map { id in
            guard let set = holidays.first(where: { $0.id == id }) else {
                throw Failure.invalid("holidays", "levels.holidays_unknown", ["id": id])
            }
            return set
        }
        special = sets.reduce(into: [:]) { $0.merge($1.days) { $1 } }
        isAlways = sets.isEmpty && definition.week.allSatisfy { $0 == [.wholeDay] }
    }

    /// The spans of that day (days since 1970-01-01 in the calendar's zone), none on a day off.
    public func spans(onDay day: Int) -> [DaySpan] {
        let own = definition.week[(CivilDate.weekday(dayNumber: day) + 6) % 7]
        guard let special = special[day] else { return own }
        if special.isOff { return [] }
        return own.isEmpty || definition.makeUpWeekday != nil ? makeUp : own
    }

    public func isWorkday(_ day: Int) -> Bool { !spans(onDay: day).isEmpty }

    /// The day's own entry among the holidays and make-up workdays, if it has one.
    public func holiday(_ day: Int) -> HolidaySet.Day? { special[day] }

    /// Whether the day follows the weekday rule only because its year's holidays are still to be
    /// announced.
    public func isProvisional(_ day: Int) -> Bool {
        special[day] == nil && sets.contains { $0.isProvisional(day) }
    }

    /// Whether any day from the one to the other instant is provisional, and with it what was computed.
    public func isProvisional(from: Instant, to: Instant) -> Bool {
        guard !sets.isEmpty, from <= to else { return false }
        return (day(of: from)...day(of: to)).contains(where: isProvisional)
    }

    /// The day of an instant in the calendar's zone.
    public func day(of instant: Instant) -> Int { zone.wall(instant.within).dayNumber }

    /// The earliest instant at which the wall clock shows that time of that day or a later one: a span
    /// that lies in a spring gap is empty, and in an autumn overlap the first of two equal times is
    /// meant. Boundaries in order stay in order, which "02:30 becomes 03:30" would not keep.
    func boundary(_ day: Int, _ second: Int) -> Int64 {
        let local = Int64(day) * 86_400 + Int64(second)
        let t = zone.instant(WallTime(dayNumber: day, secondOfDay: second))
        let after = Int64(zone.offsetSeconds(at: t))
        if t.seconds + after == local { return t.ms }
        // The time is left out by a gap: find the second at which the clock jumps.
        var lo = local - after
        var hi = t.seconds
        while lo + 1 < hi {
            let mid = lo + (hi - lo) / 2
            if Int64(zone.offsetSeconds(at: Instant(seconds: mid))) == after { hi = mid } else { lo = mid }
        }
        return hi * 1000
    }

    /// The day's open intervals in milliseconds since the epoch, in order.
    func open(_ day: Int, _ body: (_ from: Int64, _ to: Int64) -> Void) {
        for span in spans(onDay: day) {
            let from = boundary(day, span.from)
            let to = boundary(day, span.to)
            if from < to { body(from, to) }
        }
    }

    /// Why the time between two neighbouring open intervals does not count.
    func reasonClosed(from: Instant, to: Instant) -> ClosedReason {
        let first = day(of: from)
        let last = day(of: to - Span(ms: 1))
        var reason: ClosedReason = first == last && isWorkday(first) ? .break : .night
        // The days that lie wholly within, or that have no hours at all.
        for day in first...max(first, last) where !isWorkday(day) {
            if special[day] != nil { return .holiday }
            reason = .weekend
        }
        if reason == .break {
            let wall = zone.wall(from)
            let close = spans(onDay: first).last?.to ?? 0
            let open = spans(onDay: first).first?.from ?? 0
            if wall.secondOfDay >= close || wall.secondOfDay < open { reason = .night }
        }
        return reason
    }
}

/// Why time lies outside hours.
public enum ClosedReason: String, Sendable {
    /// Between two spans of one day: lunch.
    case `break`
    case night, weekend, holiday
}
