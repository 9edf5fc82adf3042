import Base
import Foundation
import ServiceLevels
import Testing

/// Material from outside, beside the repository; tests that need it are skipped where it is missing.
enum Shared {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")
    static func path(_ name: String) -> String { root.appending(path: name).path }
    static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
    static func text(_ name: String) throws -> String {
        try String(contentsOf: root.appending(path: name), encoding: .utf8)
    }
    static func missing(_ name: String) -> Comment { "needs ../shared/\(name), which is not there" }
}

/// `2026-03-05T13:10Z`, seconds optional.
func at(_ text: String) throws -> Instant {
    let full = text.utf8.count == 17 ? String(text.dropLast()) + ":00Z" : text
    return try #require(Instant(rfc3339: full), "\(text)")
}

/// A time of day and date in a zone, `2026-03-05 16:10`.
func at(_ text: String, _ zone: String) throws -> Instant {
    let place = try #require(Zone(zone))
    return place.instant(try #require(WallTime(text)))
}

/// T0 of the cases that count in hours.
let t0 = Instant(ms: 1_767_225_600_000)
func h(_ hours: Double) -> Instant { Instant(ms: t0.ms + Int64(hours * 3_600_000)) }

let always: WorkCalendar = {
    do {
        return try WorkCalendar(CalendarDefinition.always())
    } catch {
        preconditionFailure("\(error)")
    }
}()

/// Monday to Friday 08:00–12:00 and 13:00–17:00.
func office(_ zone: String = "UTC", id: String = "office", holidays: [HolidaySet] = []) throws -> WorkCalendar
{
    try WorkCalendar(
        .weekly(
            id: id, zone: zone, weekdays: 1...5,
            spans: [DaySpan(from: 8 * 3600, to: 12 * 3600), DaySpan(from: 13 * 3600, to: 17 * 3600)],
            holidaySets: holidays.map(\.id)), holidays: holidays)
}

/// The house's table on that calendar.
func terms(_ calendar: WorkCalendar = always) throws -> ClockTerms {
    try ClockTerms(
        .standard(from: .earliest, calendar: calendar.id), calendars: CalendarBook([calendar]))
}

/// The same response and solution target for each grade.
func terms(_ target: Target, _ calendar: WorkCalendar) throws -> ClockTerms {
    let row = GradeTargets(response: target, solution: target)
    return try ClockTerms(
        ServiceLevelPolicy(
            id: "x", scope: .house, effectiveFrom: .earliest, responseCalendar: calendar.id,
            solutionCalendar: calendar.id,
            targets: Dictionary(uniqueKeysWithValues: Priority.allCases.map { ($0, row) })),
        calendars: CalendarBook([calendar]))
}

/// A clock from T0 with facts at hours since.
func clock(_ facts: [(Double, ClockEvent.Kind)], _ terms: ClockTerms) -> ServiceClock {
    ServiceClock(origin: t0, events: facts.map { ClockEvent(h($0), $1) }, terms: terms)
}

func graded(_ p: Priority) -> ClockEvent.Kind { .graded(Grade(p)) }
func misjudged(_ p: Priority) -> ClockEvent.Kind { .reprioritised(.misjudged, Grade(p)) }
func impact(_ p: Priority) -> ClockEvent.Kind { .reprioritised(.impactChanged, Grade(p)) }

extension SeededRandom {
    /// A new seed each run; FETTLE_SEED repeats one.
    static func seed() -> UInt64 {
        ProcessInfo.processInfo.environment["FETTLE_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(in: 0..<1_000_000_000)
    }
}
