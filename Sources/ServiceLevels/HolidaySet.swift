import Base

/// The days that differ from the weekday rule: days off and make-up workdays, by date.
///
/// A year is *known* once its days were announced. Days of a year that is not known yet follow the
/// weekday rule and are provisional.
public struct HolidaySet: Sendable, Equatable {
    public struct Day: Sendable, Equatable {
        /// A day off; otherwise a make-up workday (调休上班).
        public var isOff: Bool
        public var name: String

        public init(isOff: Bool, name: String = "") {
            self.isOff = isOff
            self.name = name
        }
    }

    public var id: String
    public var label: Label
    /// By day number (days since 1970-01-01).
    public private(set) var days: [Int: Day]
    public private(set) var knownYears: Set<Int>

    public init(id: String, label: Label = Label()) {
        self.id = id
        self.label = label
        days = [:]
        knownYears = []
    }

    /// A plain list of days off, as other countries publish it; the years that occur are known.
    ///
    /// - Throws: `levels.field_wrong` for what is no date.
    public init(id: String, label: Label = Label(), daysOff: [String]) throws {
        self.init(id: id, label: label)
        for (i, text) in daysOff.enumerated() {
            guard let day = CivilDate.parse(text) else {
                throw Failure.invalid("holidays[\(i)]", "levels.field_wrong")
            }
            add(day, Day(isOff: true))
            know(CivilDate.date(dayNumber: day).year)
        }
    }

    public mutating func add(_ day: Int, _ what: Day) { days[day] = what }
    public mutating func know(_ year: Int) { knownYears.insert(year) }

    /// Takes a year's days out again: it follows the weekday rule, and is provisional where later than
    /// the first known year.
    public mutating func forget(_ year: Int) {
        knownYears.remove(year)
        days = days.filter { CivilDate.date(dayNumber: $0.key).year != year }
    }

    /// Takes in one file of `holiday-cn` (github.com/NateScarlet/holiday-cn).
    ///
    /// Its year is the notice's: some of its days lie in the December before. A file without days
    /// says that the notice is still to come.
    public mutating func add(holidayCN json: JSON) throws {
        let file = try Fields(json)
        let year = try file.int("year", 1900...9999)
        var some = false
        for entry in try file.objects("days") {
            guard let day = CivilDate.parse(try entry.text("date")) else { throw entry.bad("date") }
            guard let isOff = try entry.need("isOffDay").bool else { throw entry.bad("isOffDay") }
            add(day, Day(isOff: isOff, name: try entry.optionalText("name") ?? ""))
            some = true
        }
        if some { know(year) }
    }

    /// Whether the day's year is still to be announced and nothing is known of the day.
    public func isProvisional(_ day: Int) -> Bool {
        guard days[day] == nil else { return false }
        let year = CivilDate.date(dayNumber: day).year
        guard !knownYears.contains(year) else { return false }
        // Years before the first known one are history that nobody will announce.
        guard let first = knownYears.min() else { return true }
        return year > first
    }
}

extension HolidaySet {
    public init(json: JSON) throws {
        let f = try Fields(json)
        self.init(id: try f.text("id"), label: try f.label())
        for (i, y) in try f.array("known_years").enumerated() {
            guard let year = y.int, (1900...9999).contains(year) else { throw f.bad("known_years[\(i)]") }
            know(Int(year))
        }
        for entry in try f.objects("days") {
            guard let day = CivilDate.parse(try entry.text("date")) else { throw entry.bad("date") }
            guard let isOff = try entry.need("off").bool else { throw entry.bad("off") }
            add(day, Day(isOff: isOff, name: try entry.optionalText("name") ?? ""))
        }
    }

    /// `{"id", "label", "known_years": [2026], "days": [{"date", "off", "name"}]}`, sorted by date.
    public var json: JSON {
        .make([
            "id": .string(id), "label": label.json,
            "known_years": .array(knownYears.sorted().map { .int(Int64($0)) }),
            "days": .array(
                days.sorted { $0.key < $1.key }.map { day, what in
                    .make([
                        "date": .string(CivilDate.text(dayNumber: day)), "off": .bool(what.isOff),
                        "name": what.name.isEmpty ? nil : .string(what.name),
                    ])
                }),
        ])
    }
}
