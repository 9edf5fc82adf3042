import Base
import Foundation
import Testing

@testable import ServiceLevels

@Suite struct WorkCalendarTests {
    static let data = "data/calendar/business_deadlines.jsonl"

    @Test(.enabled(if: Shared.has(data), Shared.missing(data)))
    func everyPublishedDeadline() throws {
        let trial = try DeadlineTrial(calendarsFile: Shared.path("data/calendar/calendars.json"))
        let cases = try Shared.text(Self.data).split(separator: "\n").map { try JSON.parse(String($0)) }
        #expect(cases.count == 789)
        var answers: [String] = []
        let count = try trial.run(casesFile: Shared.path(Self.data)) { answers.append($0) }
        #expect(count == cases.count)
        for (line, (expected, text)) in zip(cases, answers).enumerated() {
            let answer = try JSON.parse(text)
            #expect(answer["deadline_utc"] == expected["deadline_utc"], "line \(line + 1)")
            #expect(
                answer["business_minutes_start_to_other"] == expected["business_minutes_start_to_other"],
                "line \(line + 1)")
        }
    }

    static let days = "data/calendar/cn_workdays_2007_2026.csv"

    static func chinese() throws -> HolidaySet {
        var set = HolidaySet(id: "CN")
        for year in 2007...2027 {
            try set.add(holidayCN: JSON.parse(Shared.text("data/calendar/holiday-cn/\(year).json")))
        }
        return set
    }

    @Test(.enabled(if: Shared.has(days), Shared.missing(days)))
    func everyChineseDay() throws {
        let set = try Self.chinese()
        let calendar = try office("Asia/Shanghai", holidays: [set])
        var seen = 0
        for row in try Shared.text(Self.days).split(whereSeparator: \.isNewline).dropFirst() {
            let columns = row.split(separator: ",", omittingEmptySubsequences: false)
            let day = try #require(CivilDate.parse(columns[0]))
            #expect(calendar.rules.isWorkday(day) == (columns[1] == "1"), "\(row)")
            #expect(!calendar.rules.isProvisional(day), "\(row)")
            seen += 1
        }
        #expect(seen == 7305)
        #expect(set.knownYears == Set(2007...2026))
        // Announced with the next year's notice, in the December before.
        let makeUp = try #require(CivilDate.parse("2006-12-30"))
        #expect(calendar.rules.isWorkday(makeUp) && CivilDate.weekday(dayNumber: makeUp) == 6)
    }

    @Test(.enabled(if: Shared.has(days), Shared.missing(days)))
    func notYetAnnouncedIsProvisional() throws {
        let calendar = try office("Asia/Shanghai", holidays: [Self.chinese()])
        let national = try #require(CivilDate.parse("2027-10-01"))
        #expect(calendar.rules.isWorkday(national), "the weekday rule, for want of better")
        #expect(calendar.rules.isProvisional(national))
        let from = try at("2026-12-30 10:00", "Asia/Shanghai")
        #expect(!calendar.rules.isProvisional(from: from, to: from + .hours(24)))
        #expect(calendar.rules.isProvisional(from: from, to: from + .days(3)))
        // Before the first known year nobody announces anything any more.
        #expect(!calendar.rules.isProvisional(try #require(CivilDate.parse("1999-05-03"))))
        #expect(HolidaySet(id: "x").isProvisional(national))
    }

    @Test func makeUpWorkdaysTakeSpansOfTheFirstWorkingDayOrTheOneNamed() throws {
        var set = HolidaySet(id: "s")
        let saturday = try #require(CivilDate.parse("2026-02-14"))
        let sunday = try #require(CivilDate.parse("2026-02-15"))
        set.add(saturday, .init(isOff: false, name: "春节"))
        set.add(sunday, .init(isOff: true))
        var week = Array(repeating: [DaySpan(from: 32_400, to: 64_800)], count: 7)
        week[4] = [DaySpan(from: 32_400, to: 43_200)]
        week[5] = []
        func spans(_ makeUp: Int?) throws -> [DaySpan] {
            let definition = try CalendarDefinition(
                id: "c", zone: "Asia/Shanghai", week: week, holidaySets: ["s"], makeUpWeekday: makeUp)
            let rules = try WorkCalendar(definition, holidays: [set]).rules
            #expect(rules.spans(onDay: sunday).isEmpty)
            #expect(rules.holiday(saturday)?.name == "春节")
            return rules.spans(onDay: saturday)
        }
        #expect(try spans(nil) == week[0])
        #expect(try spans(5) == week[4])
    }

    // MARK: Ends of spans

    @Test(arguments: [
        // origin, counted minutes, due
        ("2026-03-06T16:00Z", 60, "2026-03-06T17:00Z"),  // runs out at closing time: on closing time
        ("2026-03-06T16:00Z", 61, "2026-03-09T08:01Z"),
        ("2026-03-06T11:30Z", 30, "2026-03-06T12:00Z"),
        ("2026-03-06T11:30Z", 31, "2026-03-06T13:01Z"),  // lunch does not count
        ("2026-03-06T12:20Z", 1, "2026-03-06T13:01Z"),
        ("2026-03-06T17:00Z", 1, "2026-03-09T08:01Z"),
        ("2026-03-07T10:00Z", 480, "2026-03-09T17:00Z"),
        ("2026-03-07T10:00Z", 0, "2026-03-07T10:00Z"),  // an empty target falls on the origin
        ("2026-03-06T17:00Z", 0, "2026-03-06T17:00Z"),
        ("2028-02-29T16:30Z", 60, "2028-03-01T08:30Z"),  // leap day, a Tuesday
    ])
    func endsOfSpans(_ origin: String, _ minutes: Int64, _ due: String) throws {
        let calendar = try office()
        #expect(calendar.due(from: try at(origin), counted: .minutes(minutes)) == (try at(due)))
    }

    @Test(arguments: [
        ("2026-03-05T10:00Z", 1, "2026-03-06T17:00Z"), ("2026-03-05T23:00Z", 1, "2026-03-06T17:00Z"),
        ("2026-03-06T10:00Z", 1, "2026-03-09T17:00Z"), ("2026-03-07T10:00Z", 1, "2026-03-09T17:00Z"),
        ("2026-03-06T10:00Z", 5, "2026-03-13T17:00Z"), ("2026-03-06T10:00Z", 0, "2026-03-06T17:00Z"),
        ("2026-03-06T18:00Z", 0, "2026-03-09T17:00Z"), ("1970-01-01T10:00Z", 1, "1970-01-02T17:00Z"),
        ("2059-12-31T10:00Z", 300, "2061-02-23T17:00Z"),
    ])
    func closeOfTheNthWorkingDay(_ origin: String, _ n: Int, _ close: String) throws {
        #expect(try office().close(ofWorkingDay: n, after: at(origin)) == at(close))
    }

    @Test func workingDaysRoundTheClockEndAtMidnightOfTheZone() throws {
        let calendar = try WorkCalendar(.always(zone: "Pacific/Kiritimati"))
        // 2026-03-08T11:00Z is already the 9th at UTC+14; the day after closes at 10:00Z of the 10th.
        #expect(
            try calendar.close(ofWorkingDay: 1, after: at("2026-03-08T11:00Z")) == at("2026-03-10T10:00Z"))
    }

    // MARK: Clock changes

    @Test func gapsAndOverlaps() throws {
        func nights(_ from: Int, _ to: Int, _ zone: String) throws -> WorkCalendar {
            try WorkCalendar(
                .weekly(id: "n", zone: zone, weekdays: 1...7, spans: [DaySpan(from: from * 60, to: to * 60)]))
        }
        func hours(_ c: WorkCalendar, _ day: String) throws -> Span {
            let from = try at(day + " 00:00", c.zone.identifier)
            return try c.counted(from: from, to: at(day + " 12:00", c.zone.identifier))
        }
        let berlin = try nights(0, 360, "Europe/Berlin")
        #expect(try hours(berlin, "2026-03-29") == .hours(5))
        #expect(try hours(berlin, "2026-10-25") == .hours(7))
        #expect(try hours(berlin, "2026-10-24") == .hours(6))
        // A span within the gap is empty, one that begins in it begins where the clock has jumped to.
        #expect(try hours(nights(130, 170, "Europe/Berlin"), "2026-03-29") == .zero)
        #expect(try hours(nights(130, 240, "Europe/Berlin"), "2026-03-29") == .hours(1))
        #expect(try hours(nights(60, 150, "Europe/Berlin"), "2026-03-29") == .hours(1))
        // Of two equal times the first is meant: 00:00–02:30 is two and a half hours.
        #expect(try hours(nights(0, 150, "Europe/Berlin"), "2026-10-25") == .minutes(150))
        #expect(try hours(nights(150, 360, "Europe/Berlin"), "2026-10-25") == .minutes(270))
        // A gap of half an hour, and a day left out altogether.
        #expect(try hours(nights(0, 360, "Australia/Lord_Howe"), "2026-10-04") == .minutes(330))
        let samoa = try nights(0, 1440, "Pacific/Apia")
        let from = try at("2011-12-29 12:00", "Pacific/Apia")
        #expect(try samoa.counted(from: from, to: at("2011-12-31 12:00", "Pacific/Apia")) == .hours(24))
    }

    @Test func overlappingSpansAreRefused() throws {
        func week(_ spans: [DaySpan]) throws -> WorkCalendar {
            try WorkCalendar(.weekly(id: "x", zone: "UTC", weekdays: [1], spans: spans))
        }
        for spans in [
            [DaySpan(from: 0, to: 100), DaySpan(from: 99, to: 200)], [DaySpan(from: 5, to: 5)],
            [DaySpan(from: 0, to: 86_401)], [],
        ] {
            #expect(throws: Failure.self) { try week(spans) }
        }
        #expect(throws: Failure.self) { try CalendarDefinition.always(zone: "Mars/Olympus") }
        #expect(DaySpan("09:00", "24:00") == DaySpan(from: 32_400, to: 86_400))
        for (a, b) in [("9:00", "10:00"), ("10:00", "09:00"), ("10:00", "24:01"), ("aa:bb", "10:00")] {
            #expect(DaySpan(a, b) == nil)
        }
    }

    // MARK: Outside the table

    @Test func outsideTheTableNothingTrapsAndTheRuleIsTheSame() throws {
        let calendar = try office()
        for origin in [
            "1903-05-06T09:00:00Z", "1999-12-31T16:30:00Z", "2060-12-31T16:30:00Z", "2075-02-03T09:10:00Z",
        ] {
            let from = try at(origin)
            for minutes: Int64 in [1, 30, 480, 481, 9600] {
                let due = calendar.due(from: from, counted: .minutes(minutes))
                #expect(calendar.counted(from: from, to: due) == .minutes(minutes), "\(origin) \(minutes)")
                #expect(naiveDue(calendar, from, minutes) == due, "\(origin) \(minutes)")
            }
        }
        #expect(
            try calendar.counted(from: at("1999-12-27T00:00Z"), to: at("2000-01-10T00:00Z")) == .hours(80))
        #expect(
            try calendar.counted(from: at("2060-12-27T00:00Z"), to: at("2061-01-10T00:00Z")) == .hours(80))
        let extremes = [Instant(ms: .min), Instant(ms: .max), .earliest, .latest]
        for a in extremes { #expect(always.counted(from: a, to: a) == .zero) }
        #expect(always.due(from: Instant(ms: .max), counted: Span(ms: .max)) == .latest)
    }

    @Test func countingAgreesWithStepping() throws {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed)
        let zones = ["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia"]
        var set = HolidaySet(id: "s")
        for _ in 0..<400 {
            set.add(
                Int.random(in: 20_000..<21_500, using: &random), .init(isOff: Bool.random(using: &random)))
        }
        for zone in zones {
            // No boundary where clocks change: stepping sees both of two equal times.
            var hours: [Int] = []
            for hour in 4...23 where Bool.random(using: &random) { hours.append(hour) }
            if hours.count % 2 == 1 { hours.append(24) }
            if hours.isEmpty { hours = [9, 17] }
            let spans = stride(from: 0, to: hours.count, by: 2).map {
                DaySpan(from: hours[$0] * 3600, to: hours[$0 + 1] * 3600)
            }
            let calendar = try WorkCalendar(
                .weekly(
                    id: "r", zone: zone, weekdays: [1, 2, 3, 4, 6], spans: spans, holidaySets: ["s"]),
                holidays: [set])
            for _ in 0..<12 {
                let from = Instant(
                    seconds: Int64.random(in: 20_000...21_400, using: &random) * 86_400
                        + Int64.random(in: 0..<1440, using: &random) * 60)
                let minutes = Int64.random(in: 1...1500, using: &random)
                let due = calendar.due(from: from, counted: .minutes(minutes))
                #expect(naiveDue(calendar, from, minutes) == due, "seed \(seed) \(zone) \(from.rfc3339)")
                #expect(calendar.counted(from: from, to: due) == .minutes(minutes), "seed \(seed)")
                let later = from + .minutes(Int64.random(in: 0...9000, using: &random))
                #expect(
                    calendar.counted(from: from, to: later) == naiveCount(calendar, from, later),
                    "seed \(seed) \(zone) \(from.rfc3339)")
            }
        }
    }
}

/// Whether a minute counts, asked of the wall clock alone.
func isOpen(_ calendar: WorkCalendar, _ minute: Instant) -> Bool {
    let wall = calendar.zone.wall(minute)
    return calendar.rules.spans(onDay: wall.dayNumber).contains {
        $0.from <= wall.secondOfDay && wall.secondOfDay < $0.to
    }
}

func naiveDue(_ calendar: WorkCalendar, _ from: Instant, _ minutes: Int64) -> Instant {
    var left = minutes
    var t = from
    while left > 0 {
        if isOpen(calendar, t) { left -= 1 }
        t = t + .minutes(1)
    }
    return t
}

func naiveCount(_ calendar: WorkCalendar, _ from: Instant, _ to: Instant) -> Span {
    var n: Int64 = 0
    var t = from
    while t < to {
        if isOpen(calendar, t) { n += 1 }
        t = t + .minutes(1)
    }
    return .minutes(n)
}
