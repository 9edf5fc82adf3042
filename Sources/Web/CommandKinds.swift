import Base
import Store

// Fields of other kinds: choices, numbers, truth, time.
extension FieldReader {
    /// One of an enum's cases by raw text.
    public mutating func choice<E: RawRepresentable<String> & CaseIterable>(
        _ name: String, _: E.Type = E.self
    ) -> E? {
        describeChoice(name, E.self, required: true)
        return readChoice(name, required: true)
    }
    public mutating func optionalChoice<E: RawRepresentable<String> & CaseIterable>(
        _ name: String, _: E.Type = E.self
    ) -> E? {
        describeChoice(name, E.self, required: false)
        return readChoice(name, required: false)
    }

    private mutating func describeChoice<E: RawRepresentable<String> & CaseIterable>(
        _ name: String, _: E.Type, required: Bool
    ) {
        describe(
            name, required: required,
            ["enum": .array(E.allCases.map { .string($0.rawValue) } + (required ? [] : [.null]))])
    }

    private mutating func readChoice<E: RawRepresentable<String>>(_ name: String, required: Bool) -> E? {
        guard let given = readString(name, required: required, else: "field.not_a_choice") else { return nil }
        guard let value = E(rawValue: given) else {
            fault(name, "field.not_a_choice")
            return nil
        }
        return value
    }

    /// A whole number inside a range.
    public mutating func int(_ name: String, _ range: ClosedRange<Int64>) -> Int64 {
        describeInt(name, range, required: true)
        return readInt(name, range, required: true) ?? range.lowerBound
    }
    public mutating func optionalInt(_ name: String, _ range: ClosedRange<Int64>) -> Int64? {
        describeInt(name, range, required: false)
        return readInt(name, range, required: false)
    }

    private mutating func describeInt(_ name: String, _ range: ClosedRange<Int64>, required: Bool) {
        describe(
            name, required: required,
            [
                "type": required ? "integer" : ["integer", "null"], "minimum": .int(range.lowerBound),
                "maximum": .int(range.upperBound),
            ])
    }

    private mutating func readInt(_ name: String, _ range: ClosedRange<Int64>, required: Bool) -> Int64? {
        let given: Int64?
        switch raw(name, required: required) {
        case .absent: return nil
        case .json(.int(let i)): given = i
        case .json: given = nil
        case .text(let s): given = Int64(CleanText.foldIdentifier(s))
        }
        guard let value = given else {
            fault(name, "field.not_a_number")
            return nil
        }
        guard range.contains(value) else {
            fault(
                name, "field.out_of_range",
                ["min": String(range.lowerBound), "max": String(range.upperBound)])
            return nil
        }
        return value
    }

    /// Truth; a form's box says `on`, `1`, `true` or `yes`. Absent is false.
    public mutating func bool(_ name: String) -> Bool { optionalBool(name) ?? false }

    public mutating func optionalBool(_ name: String) -> Bool? {
        describe(name, required: false, ["type": ["boolean", "null"]])
        switch raw(name, required: false) {
        case .absent: return nil
        case .json(.bool(let b)): return b
        case .text("on"), .text("1"), .text("true"), .text("yes"): return true
        case .text("off"), .text("0"), .text("false"), .text("no"): return false
        default:
            fault(name, "field.not_true_or_false")
            return nil
        }
    }

    /// Truth that must be said.
    public mutating func requiredBool(_ name: String) -> Bool {
        describe(name, required: true, ["type": "boolean"])
        switch raw(name, required: true) {
        case .absent: return false
        case .json(.bool(let b)): return b
        case .text("on"), .text("1"), .text("true"), .text("yes"): return true
        case .text("off"), .text("0"), .text("false"), .text("no"): return false
        default:
            fault(name, "field.not_true_or_false")
            return false
        }
    }

    /// A measure as people write it (`18,420 h`) or a bare JSON number; kept as text.
    public mutating func amount(_ name: String, max: Int) -> String? {
        describe(
            name, required: false, ["type": ["string", "number", "null"], "maxLength": .int(Int64(max))])
        if case .object(let members) = source, let value = members.first(where: { $0.name == name })?.value,
            value.double != nil
        {
            asked.insert(name)
            return value.text
        }
        return readText(name, required: false, max: max, lines: false)
    }

    /// A point in time: RFC 3339, or in forms also `YYYY-MM-DD HH:MM` in the reader's zone.
    public mutating func instant(_ name: String) -> Instant? {
        describe(name, required: true, ["type": "string", "format": "date-time"])
        return readInstant(name, required: true)
    }
    public mutating func optionalInstant(_ name: String) -> Instant? {
        describe(name, required: false, ["type": ["string", "null"], "format": "date-time"])
        return readInstant(name, required: false)
    }

    private mutating func readInstant(_ name: String, required: Bool) -> Instant? {
        let given: String
        switch raw(name, required: required) {
        case .absent: return nil
        case .json(.string(let s)): given = s
        case .json:
            fault(name, "field.not_a_time")
            return nil
        case .text(let s):
            if let wall = WallTime(s.trimmed) { return zone.instant(wall) }
            given = s
        }
        guard let t = Instant(rfc3339: given) else {
            fault(name, "field.not_a_time")
            return nil
        }
        return t
    }

    /// A calendar day, `YYYY-MM-DD`, as its day number.
    public mutating func optionalDay(_ name: String) -> Int? {
        describe(name, required: false, ["type": ["string", "null"], "format": "date"])
        let given: String
        switch raw(name, required: false) {
        case .absent: return nil
        case .json(.string(let s)): given = s
        case .text(let s): given = s.trimmed
        case .json:
            fault(name, "field.not_a_day")
            return nil
        }
        guard let day = CivilDate.parse(given) else {
            fault(name, "field.not_a_day")
            return nil
        }
        return day
    }

    /// Whether a field is there at all, empty or not: a change leaves alone what it does not name.
    public func names(_ name: String) -> Bool {
        switch source {
        case .describing: false
        case .object(let members): members.contains { $0.name == name }
        case .pairs(let pairs): pairs.contains { $0.name == name }
        }
    }

    /// Whether a page's form or a query is read, not JSON.
    public var isForm: Bool { if case .pairs = source { true } else { false } }
}
