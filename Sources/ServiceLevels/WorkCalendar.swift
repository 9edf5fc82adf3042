import Base

/// A calendar ready to count: when time counts for a service level, and when it does not.
///
/// Spans are half open, `[from, to)`, in wall time of the calendar's zone; counted time is elapsed
/// UTC time within them, so a day on which the clock changes counts what really passed.
///
/// Built once from its definition (some milliseconds) and then shared; an edit builds another one.
/// The years 2000 to 2060 are tabled (`CalendarTable`). Instants outside them are walked day by day,
/// by the same rule, only slower.
public final class WorkCalendar: Sendable {
    /// Which days and spans there are; see `CalendarRules` for what can be asked of a day.
    public let rules: CalendarRules
    /// No instant is ever outside hours: counted time is elapsed time.
    let isAlways: Bool
    private let table: CalendarTable

    public var id: String { rules.definition.id }
    public var zone: Zone { rules.zone }

    /// - Parameter holidays: where the definition's sets are found; others are left aside.
    /// - Throws: `levels.holidays_unknown` where a set is missing.
    public init(_ definition: CalendarDefinition, holidays: [HolidaySet] = []) throws {
        rules = try CalendarRules(definition, holidays: holidays)
        isAlways = rules.isAlways
        table = isAlways ? CalendarTable() : CalendarTable(rules)
    }

    /// The open intervals between two instants, clipped to them, in order.
    func forEachOpen(from: Instant, to: Instant, _ body: (_ from: Instant, _ to: Instant) -> Void) {
        let from = from.within
        let to = to.within
        guard from < to else { return }
        if isAlways { return body(from, to) }
        for day in (rules.day(of: from) - 1)...(rules.day(of: to) + 1) {
            rules.open(day) { a, b in
                let a = max(a, from.ms)
                let b = min(b, to.ms)
                if a < b { body(Instant(ms: a), Instant(ms: b)) }
            }
        }
    }

    // MARK: Counting

    /// Counted time between two instants; negative where `to` lies before `from`.
    public func counted(from: Instant, to: Instant) -> Span {
        Span(ms: position(to) - position(from))
    }

    /// The earliest instant at which the counted time since the origin reaches the span: a target that
    /// runs out at closing time falls on closing time, an empty one on the origin itself. The latest
    /// instant there is where it is never reached.
    public func due(from origin: Instant, counted span: Span) -> Instant {
        let origin = origin.within
        guard span.ms > 0 else { return origin }
        let target = span.ms >= Instant.latest.ms ? Instant.latest.ms : span.ms
        if isAlways { return Instant(ms: origin.ms + target).within }
        if let i = table.interval(origin.ms) {
            let at = table.before(i, origin.ms)
            if let t = table.instant(reaching: at + target, near: i) { return Instant(ms: t) }
        }
        return instant(at: position(origin) + target)
    }

    /// Counted milliseconds since the start of the table. Differences alone have a meaning.
    func position(_ instant: Instant) -> Int64 {
        let t = instant.within.ms
        if isAlways { return t }
        if let i = table.interval(t) { return table.before(i, t) }
        return walkedPosition(t)
    }

    /// The earliest instant at that position.
    private func instant(at position: Int64) -> Instant {
        if position > 0, let t = table.instant(reaching: position, near: 0) { return Instant(ms: t) }
        return walkedInstant(position)
    }

    // MARK: Working days

    /// The close of the n-th working day after the origin's day. With n = 0 the close of the origin's
    /// own day, or where that is past or no working day, of the next working day.
    public func close(ofWorkingDay n: Int, after origin: Instant) -> Instant {
        let origin = origin.within
        let own = rules.day(of: origin)
        let n = min(n, 4_000_000)
        if n <= 0 {
            if let close = close(of: own), close >= origin { return close }
            return close(ofWorkingDay: 1, after: origin)
        }
        if isAlways { return Instant(ms: rules.boundary(min(own + n, 2_932_896), 86_400)).within }
        if let t = table.close(after: own, n) { return t }
        var left = n
        var day = own
        while day < 2_932_896 {
            day += 1
            if let close = close(of: day) {
                left -= 1
                if left == 0 { return close }
            }
        }
        return .latest
    }

    private func close(of day: Int) -> Instant? {
        rules.spans(onDay: day).last.map { Instant(ms: rules.boundary(day, $0.to)) }
    }

    // MARK: The walk outside the table

    private func walkedPosition(_ t: Int64) -> Int64 {
        var total: Int64 = 0
        if t < table.from {
            var day = CalendarTable.firstDay - 1
            while rules.boundary(day + 1, 0) > t {
                rules.open(day) { a, b in if b > t { total -= b - max(a, t) } }
                day -= 1
            }
            return total
        }
        total = table.total
        var day = CalendarTable.endDay
        while rules.boundary(day, 0) < t {
            rules.open(day) { a, b in if a < t { total += min(b, t) - a } }
            day += 1
        }
        return total
    }

    private func walkedInstant(_ position: Int64) -> Instant {
        var found: Int64?
        if position <= 0 {
            var total: Int64 = 0
            var day = CalendarTable.firstDay - 1
            while found == nil, rules.boundary(day + 1, 0) > Instant.earliest.ms {
                var intervals: [(Int64, Int64)] = []
                rules.open(day) { intervals.append(($0, $1)) }
                for (a, b) in intervals.reversed() where found == nil {
                    total -= b - a
                    if total < position { found = a + (position - total) }
                }
                day -= 1
            }
            return found.map { Instant(ms: $0) } ?? .earliest
        }
        var total = table.total
        var day = CalendarTable.endDay
        while found == nil, rules.boundary(day, 0) < Instant.latest.ms {
            rules.open(day) { a, b in
                guard found == nil else { return }
                total += b - a
                if total >= position { found = b - (total - position) }
            }
            day += 1
        }
        return found.map { Instant(ms: $0) } ?? .latest
    }
}

extension Instant {
    /// Brought into the years that the product accepts, so that no sum can overflow.
    var within: Instant { min(max(self, .earliest), .latest) }
}
