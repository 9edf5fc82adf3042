import Base

/// A span of wall time within one day, in seconds since midnight; 86,400 is the end of the day.
public struct DaySpan: Sendable, Hashable {
    public var from: Int
    public var to: Int

    public init(from: Int, to: Int) {
        self.from = from
        self.to = to
    }

    public static let wholeDay = DaySpan(from: 0, to: 86_400)

    /// `HH:MM` for both ends, `24:00` for the end of the day; nil for anything else.
    public init?(_ from: String, _ to: String) {
        guard let a = DaySpan.seconds(from), let b = DaySpan.seconds(to), a < b else { return nil }
        self.init(from: a, to: b)
    }

    private static func seconds(_ text: String) -> Int? {
        let b = Array(text.utf8)
        guard b.count == 5, b[2] == 0x3A else { return nil }
        var digits: [Int] = []
        for i in [0, 1, 3, 4] {
            guard b[i] >= 0x30, b[i] <= 0x39 else { return nil }
            digits.append(Int(b[i]) - 0x30)
        }
        let hours = digits[0] * 10 + digits[1]
        let minutes = digits[2] * 10 + digits[3]
        guard minutes < 60, hours < 24 || (hours == 24 && minutes == 0) else { return nil }
        return hours * 3600 + minutes * 60
    }

    static func text(_ seconds: Int) -> String {
        let h = seconds / 3600
        let m = seconds / 60 % 60
        return (h < 10 ? "0" : "") + String(h) + ":" + (m < 10 ? "0" : "") + String(m)
    }

    var json: JSON { .array([.string(DaySpan.text(from)), .string(DaySpan.text(to))]) }
}

/// What an administrator writes down of a calendar; `WorkCalendar` is its compiled form.
public struct CalendarDefinition: Sendable, Equatable {
    public var id: String
    public var label: Label
    /// IANA identifier. Spans are wall time of this zone.
    public var zone: String
    /// The spans of Monday (0) to Sunday (6), each in order and apart from the next.
    public var week: [[DaySpan]]
    /// The holiday sets that apply; where two name the same day the later one wins.
    public var holidaySets: [String]
    /// Whose spans a make-up workday has, Monday is 1. nil: its own, and where it has none (a
    /// Saturday, usually) those of the first working weekday.
    public var makeUpWeekday: Int?

    public init(
        id: String, label: Label = Label(), zone: String, week: [[DaySpan]],
        holidaySets: [String] = [], makeUpWeekday: Int? = nil
    ) throws {
        self.id = id
        self.label = label
        self.zone = zone
        self.week = week
        self.holidaySets = holidaySets
        self.makeUpWeekday = makeUpWeekday
        try check()
    }

    /// Every hour of every day. The zone matters for `working_days` and for reading only.
    public static func always(
        id: String = "24x7", zone: String = "UTC",
        label: Label = Label(en: "24 × 7", hans: "全天候 24×7", hant: "全天候 24×7")
    ) throws -> CalendarDefinition {
        try CalendarDefinition(
            id: id, label: label, zone: zone, week: Array(repeating: [.wholeDay], count: 7))
    }

    /// The same spans on each of the weekdays given (1 is Monday).
    public static func weekly(
        id: String, label: Label = Label(), zone: String, weekdays: some Sequence<Int>,
        spans: [DaySpan], holidaySets: [String] = []
    ) throws -> CalendarDefinition {
        var week: [[DaySpan]] = Array(repeating: [], count: 7)
        for day in weekdays {
            guard (1...7).contains(day) else { throw Failure.invalid("weekdays", "levels.field_wrong") }
            week[day - 1] = spans
        }
        return try CalendarDefinition(
            id: id, label: label, zone: zone, week: week, holidaySets: holidaySets)
    }

    private func check() throws {
        guard Zone(zone) != nil else { throw Failure.invalid("zone", "levels.zone_unknown") }
        guard week.count == 7 else { throw Failure.invalid("week", "levels.field_wrong") }
        for (i, spans) in week.enumerated() {
            var end = 0
            for span in spans {
                guard span.from >= end, span.from < span.to, span.to <= 86_400, spans.count <= 24 else {
                    throw Failure.invalid("week.\(i + 1)", "levels.spans_wrong")
                }
                end = span.to
            }
        }
        // A calendar that never opens would never come to a due instant.
        guard week.contains(where: { !$0.isEmpty }) else {
            throw Failure.invalid("week", "levels.calendar_never_open")
        }
        if let day = makeUpWeekday {
            guard (1...7).contains(day), !week[day - 1].isEmpty else {
                throw Failure.invalid("make_up_weekday", "levels.field_wrong")
            }
        }
    }
}

extension CalendarDefinition {
    /// `{"id", "label", "zone", "week": {"1": [["09:00", "12:00"], …], …}, "holidays": […],
    /// "make_up_weekday"}`; weekdays without spans may be left out.
    public init(json: JSON) throws {
        let f = try Fields(json)
        let days = try f.object("week")
        var week: [[DaySpan]] = Array(repeating: [], count: 7)
        for member in days.json.members ?? [] {
            guard let day = Int(member.name), (1...7).contains(day), let spans = member.value.array
            else { throw days.bad(member.name) }
            week[day - 1] = try spans.map { try DaySpan(json: $0, days.at(member.name)) }
        }
        let sets = try f["holidays"] == nil ? [] : f.array("holidays")
        try self.init(
            id: try f.text("id"), label: try f.label(), zone: try f.text("zone"), week: week,
            holidaySets: try sets.enumerated().map {
                guard let id = $1.string else { throw f.bad("holidays[\($0)]") }
                return id
            },
            makeUpWeekday: try f.optionalInt("make_up_weekday", 1...7))
    }

    public var json: JSON {
        .make([
            "id": .string(id), "label": label.json, "zone": .string(zone),
            "week": .object(
                week.enumerated().filter { !$1.isEmpty }.map {
                    .init(String($0 + 1), .array($1.map(\.json)))
                }),
            "holidays": .array(holidaySets.map { .string($0) }),
            "make_up_weekday": makeUpWeekday.map { .int(Int64($0)) },
        ])
    }
}

extension DaySpan {
    init(json: JSON, _ path: String) throws {
        guard let pair = json.array, pair.count == 2, let a = pair[0].string, let b = pair[1].string,
            let span = DaySpan(a, b)
        else { throw Failure.invalid(path, "levels.spans_wrong") }
        self = span
    }
}
