import Base
import ServiceLevels

/// How the columns of another system's event log become tickets; a file of JSON that names the log's
/// zone, its dates, its mark for a missing value and what each column holds.
///
/// `{"zone": "Europe/Rome", "date_format": "D/M/YYYY HH:MM", "missing": "?", "columns": {FIELD: COLUMN},
/// "title": "{category}: {symptom}", "description": "…", "states": {RECORDED: STATE}, "priority":
/// {"scheme": SCHEME, "axes": {AXIS: {"column", "levels": {RECORDED: LEVEL}}}}, "keep": [COLUMN]}`.
/// The fields are those of `IncidentField`; braces in the templates name columns.
public struct IncidentMap: Sendable {
    /// How dates are written.
    enum DateFormat: String, Sendable {
        /// Day first, without leading zeros: `29/2/2016 01:16`.
        case dayMonthYear = "D/M/YYYY HH:MM"
        case monthDayYear = "M/D/YYYY HH:MM"
        case yearMonthDay = "YYYY-MM-DD HH:MM"
        /// With its own offset; the zone serves the report only.
        case rfc3339
    }

    struct Axis: Sendable {
        var key: String
        var column: String
        /// Level by the recorded word.
        var levels: [String: String]
    }

    /// Text with columns in braces.
    struct Template: Sendable {
        enum Part: Sendable, Equatable {
            case text(String)
            case column(String)
        }
        var parts: [Part] = []

        init?(_ text: String) {
            var rest = text[...]
            while let open = rest.firstIndex(of: "{") {
                if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
                guard let close = rest[open...].firstIndex(of: "}") else { return nil }
                parts.append(.column(String(rest[rest.index(after: open)..<close])))
                rest = rest[rest.index(after: close)...]
            }
            if !rest.isEmpty { parts.append(.text(String(rest))) }
        }

        var columns: [String] {
            parts.compactMap { if case .column(let name) = $0 { name } else { nil } }
        }
    }

    let zone: Zone
    let dateFormat: DateFormat
    let missing: String
    let columns: [IncidentField: String]
    let title: Template
    let description: Template?
    let states: [String: TicketState]
    let scheme: PriorityScheme?
    let axes: [Axis]
    /// Columns kept in the history under their own names.
    let keep: [String]

    /// - Throws: `import.map` with the `field` that is wrong; the refusals of the scheme.
    public init(json: JSON) throws {
        guard json.members != nil else { throw IncidentMap.wrong("map") }
        guard let zone = json["zone"]?.string.flatMap({ Zone($0) }) else { throw IncidentMap.wrong("zone") }
        guard let format = json["date_format"]?.string.flatMap(DateFormat.init(rawValue:)) else {
            throw IncidentMap.wrong("date_format")
        }
        self.zone = zone
        dateFormat = format
        missing = json["missing"]?.string ?? ""
        var columns: [IncidentField: String] = [:]
        for m in json["columns"]?.members ?? [] {
            guard let field = IncidentField(rawValue: m.name), let column = m.value.string else {
                throw IncidentMap.wrong("columns.\(m.name)")
            }
            columns[field] = column
        }
        for field in IncidentField.allCases where field.isNeeded && columns[field] == nil {
            throw IncidentMap.wrong("columns.\(field.rawValue)")
        }
        self.columns = columns
        guard let title = json["title"]?.string.flatMap(Template.init) else {
            throw IncidentMap.wrong("title")
        }
        self.title = title
        if let text = json["description"]?.string {
            guard let template = Template(text) else { throw IncidentMap.wrong("description") }
            description = template
        } else {
            description = nil
        }
        var states: [String: TicketState] = [:]
        for m in json["states"]?.members ?? [] {
            guard let state = m.value.string.flatMap(TicketState.init(rawValue:)) else {
                throw IncidentMap.wrong("states.\(m.name)")
            }
            states[m.name] = state
        }
        self.states = states
        keep = (json["keep"]?.array ?? []).compactMap(\.string)
        guard let priority = json["priority"], priority != .null else {
            scheme = nil
            axes = []
            return
        }
        let scheme = try PriorityScheme(json: priority["scheme"] ?? .null)
        self.scheme = scheme
        axes = try scheme.axes.map { axis in
            guard let given = priority["axes"]?[axis.key], let column = given["column"]?.string else {
                throw IncidentMap.wrong("priority.axes.\(axis.key)")
            }
            var levels: [String: String] = [:]
            for m in given["levels"]?.members ?? [] {
                guard let level = m.value.string, axis.levels.contains(where: { $0.key == level }) else {
                    throw IncidentMap.wrong("priority.axes.\(axis.key).\(m.name)")
                }
                levels[m.name] = level
            }
            return Axis(key: axis.key, column: column, levels: levels)
        }
    }

    private static func wrong(_ field: String) -> Failure {
        Failure(.invalid, "import.map", ["field": field])
    }

    /// The instant of a written date; nil where it is none or lies outside 1900–9999.
    func instant(_ text: String) -> Instant? {
        let numbers: [Int]
        switch dateFormat {
        case .rfc3339: return Instant(rfc3339: text)
        case .yearMonthDay: return WallTime(text).map { zone.instant($0) }
        case .dayMonthYear, .monthDayYear:
            var parts = [0, 0, 0, 0, 0]
            var digits = [0, 0, 0, 0, 0]
            var at = 0
            let between: [UInt8] = [0x2F, 0x2F, 0x20, 0x3A]
            for c in text.utf8 {
                if c >= 0x30, c <= 0x39 {
                    guard digits[at] < 4 else { return nil }
                    parts[at] = parts[at] * 10 + Int(c - 0x30)
                    digits[at] += 1
                } else {
                    guard at < 4, c == between[at], digits[at] > 0 else { return nil }
                    at += 1
                }
            }
            guard at == 4, digits[2] == 4, digits[4] == 2 else { return nil }
            numbers = dateFormat == .dayMonthYear ? parts : [parts[1], parts[0]] + parts[2...]
        }
        let (day, month, year) = (numbers[0], numbers[1], numbers[2])
        guard (1900...9999).contains(year), (1...12).contains(month),
            (1...CivilDate.daysInMonth(year: year, month: month)).contains(day),
            numbers[3] < 24, numbers[4] < 60
        else { return nil }
        return zone.instant(
            WallTime(
                dayNumber: CivilDate.dayNumber(year: year, month: month, day: day),
                secondOfDay: numbers[3] * 3600 + numbers[4] * 60))
    }
}

/// What a column of an event log may hold. The raw text is also the name in the history's data.
public enum IncidentField: String, Sendable, CaseIterable {
    case number
    case state
    /// When the event happened; the order of events is that of the file.
    case eventAt = "at"
    case receivedAt = "received_at"
    case resolvedAt = "resolved_at"
    case closedAt = "closed_at"
    /// Whether the service level was met, as the other system recorded it.
    case verdict
    case priority
    case group, engineer, requester
    case eventBy = "by"
    case reassignments, reopenings
    case contact
    case closedCode = "closed_code"
    case knowledge
    case priorityConfirmed = "priority_confirmed"
    case product, model, serial

    enum Kind { case text, time, truth, count }

    var kind: Kind {
        switch self {
        case .eventAt, .receivedAt, .resolvedAt, .closedAt: .time
        case .verdict, .knowledge, .priorityConfirmed: .truth
        case .reassignments, .reopenings: .count
        default: .text
        }
    }

    var isNeeded: Bool { self == .number || self == .receivedAt }
}
