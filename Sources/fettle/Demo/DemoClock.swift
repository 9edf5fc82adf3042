import Base

extension SeededRandom {
    /// Between 0 and 1.
    mutating func share() -> Double { Double(next() >> 11) / Double(1 << 53) }
    mutating func share(_ low: Double, _ high: Double) -> Double { low + (high - low) * share() }
    mutating func chance(_ p: Double) -> Bool { share() < p }
    mutating func minutes(_ low: Double, _ high: Double) -> Span { Span.of(minutes: share(low, high)) }
    mutating func hours(_ low: Double, _ high: Double) -> Span { minutes(low * 60, high * 60) }
    mutating func days(_ low: Double, _ high: Double) -> Span { minutes(low * 1440, high * 1440) }

    mutating func pick<T>(_ some: [T]) -> T? {
        let i = Int(share() * Double(some.count))
        return some.indices.contains(i) ? some[i] : some.last
    }
}

extension Span {
    /// Whole seconds, so that times read like those of people.
    static func of(minutes: Double) -> Span { .seconds(Int64((minutes * 60).rounded())) }

    func times(_ share: Double) -> Span { .seconds(Int64((Double(seconds) * share).rounded())) }
}

/// When people are at their desks.
enum DemoHours {
    /// The same instant where it lies in the office hours of a zone, else somewhat after the next
    /// opening. Takes one draw whether it moves or not, so that a story keeps its shape when shifted.
    static func office(_ t: Instant, _ zone: Zone, _ random: inout SeededRandom) -> Instant {
        let lag = Int(random.share(0, 80) * 60)
        let wall = zone.wall(t)
        let opens = 8 * 3600 + 1800
        let closes = 17 * 3600 + 1800
        if isWeekday(wall.dayNumber), wall.secondOfDay >= opens, wall.secondOfDay < closes { return t }
        var day = wall.secondOfDay < opens ? wall.dayNumber : wall.dayNumber + 1
        while !isWeekday(day) { day += 1 }
        return zone.instant(WallTime(dayNumber: day, secondOfDay: opens + lag))
    }

    private static func isWeekday(_ day: Int) -> Bool { (1...5).contains(CivilDate.weekday(dayNumber: day)) }

    /// The official days off of China, and the weekends worked instead (State Council notices for 2025
    /// and 2026).
    static let chinaOff = [
        "2025-01-01 2025-01-01 元旦", "2025-01-28 2025-02-04 春节", "2025-04-04 2025-04-06 清明节",
        "2025-05-01 2025-05-05 劳动节", "2025-05-31 2025-06-02 端午节", "2025-10-01 2025-10-08 国庆节、中秋节",
        "2026-01-01 2026-01-03 元旦", "2026-02-15 2026-02-23 春节", "2026-04-04 2026-04-06 清明节",
        "2026-05-01 2026-05-05 劳动节", "2026-06-19 2026-06-21 端午节", "2026-09-25 2026-09-27 中秋节",
        "2026-10-01 2026-10-07 国庆节",
    ]
    static let chinaWorked = [
        "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14",
        "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    ]
}
