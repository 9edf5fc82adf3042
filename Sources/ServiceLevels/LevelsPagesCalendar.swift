import Base
import Store
import Web

/// A calendar: its zone, the spans of each weekday, the holiday sets that apply.
struct CalendarForm: LevelForm {
    static let kind = LevelKind.calendar
    var id: String?
    private var content: JSON

    init(_ read: inout FieldReader) {
        id = read.optionalText("id", max: 60)
        let names = read.levelNames()
        let zone = read.text("zone", max: 60)
        let always = read.bool("always")
        let written = read.texts("week", maxCount: 7) ?? [:]
        var week: [JSON.Member] = []
        for day in 1...7 {
            let spans = always ? [DaySpan.wholeDay] : CalendarForm.spans(written[String(day)] ?? "")
            guard let spans else {
                read.fault("week.\(day)", "levels.spans_wrong")
                continue
            }
            if !spans.isEmpty { week.append(.init(String(day), .array(spans.map(\.json)))) }
        }
        let sets = read.texts("sets", maxCount: 64) ?? [:]
        content = .make([
            "label": names, "zone": .string(zone), "week": .object(week),
            "holidays": .array(sets.keys.sorted().map { .string($0) }),
            "make_up_weekday": .of(read.optionalInt("make_up_weekday", 1...7)),
        ])
    }

    func draft(before: LevelItem?, _ call: Call) -> LevelDraft { LevelDraft(content: content) }

    /// `08:00-12:00, 13:00-17:00`, as people write it: any dash, any comma, full width too.
    static func spans(_ text: String) -> [DaySpan]? {
        var plain = ""
        for c in CleanText.foldIdentifier(text) {
            switch c {
            case "–", "—", "~", "至", "到", "−": plain.append("-")
            case "，", "、", ";", "；": plain.append(",")
            case " ": break
            default: plain.append(c)
            }
        }
        var out: [DaySpan] = []
        for part in plain.split(separator: ",") {
            let ends = part.split(separator: "-").map { $0.count == 4 ? "0" + $0 : String($0) }
            guard ends.count == 2, let span = DaySpan(ends[0], ends[1]) else { return nil }
            out.append(span)
        }
        return out
    }

    static func text(_ spans: [DaySpan]) -> String {
        spans.map { "\(DaySpan.text($0.from))-\(DaySpan.text($0.to))" }.joined(separator: ", ")
    }

    static func fields(_ form: Form, _ call: Call, _ item: LevelItem?, _ tx: Transaction) throws -> HTML {
        let old = try item.map { try CalendarDefinition(json: $0.content) }
        let isAlways = old?.week.allSatisfy { $0 == [.wholeDay] } ?? false
        let office = [DaySpan(from: 9 * 3600, to: 12 * 3600), DaySpan(from: 13 * 3600, to: 18 * 3600)]
        let days = (1...7).map { day -> HTML in
            let spans = old.map { $0.week[day - 1] } ?? (day < 6 ? office : [])
            return form.text(
                "week.\(day)", call.t("levels.day.\(day)"), value: isAlways ? nil : text(spans),
                hint: day == 1 ? call.t("levels.spans.hint") : nil, width: "w-m", optional: false)
        }
        let sets = try tx.levelItems(.holidaySet)
        let chosen = Set(old?.holidaySets ?? [])
        let boxes: HTML =
            sets.isEmpty
            ? "<p class=\"muted small\">\(call.t("levels.sets.none"))</p>"
            : sets.html {
                form.box("sets.\($0.id)", LevelsParts.name($0, call), checked: chosen.contains($0.id))
            }
        return """
            \(form.text("zone", call.t("levels.zone"), value: old?.zone ?? call.zone.identifier, hint: call.t("levels.zone.hint"), width: "w-m", required: true))\
            <fieldset class="stack" id="f-week"><legend class="label">\(call.t("levels.hours"))</legend>\(LevelsParts.error("week", call))\
            \(form.box("always", call.t("levels.always"), checked: isAlways))\(days)</fieldset>\
            <fieldset class="stack" id="f-holidays"><legend class="label">\(call.t("levels.kind.holiday_set"))</legend>\(LevelsParts.error("holidays", call))\(boxes)</fieldset>\
            \(form.select("make_up_weekday", call.t("levels.make_up"), (1...7).map { (String($0), call.t("levels.day.\($0)")) }, value: old?.makeUpWeekday.map(String.init), empty: call.t("levels.make_up.own"), hint: call.t("levels.make_up.hint"), width: "w-m"))
            """
    }

    static func shown(_ item: LevelItem, _ call: Call, _ tx: Transaction) throws -> HTML {
        let c = try CalendarDefinition(json: item.content)
        let names = Dictionary(
            try tx.levelItems(.holidaySet).map { ($0.id, LevelsParts.name($0, call)) },
            uniquingKeysWith: { $1 })
        let hours: HTML =
            c.week.allSatisfy { $0 == [.wholeDay] }
            ? "<p>\(call.t("levels.always"))</p>" : week(c, call)
        return """
            <dl class="facts"><dt>\(call.t("levels.zone"))</dt><dd>\(c.zone)</dd>\
            <dt>\(call.t("levels.kind.holiday_set"))</dt><dd>\(c.holidaySets.isEmpty ? "–" : c.holidaySets.map { names[$0] ?? $0 }.joined(separator: ", "))</dd></dl>\(hours)
            """
    }

    /// The week drawn to scale, with the hours as text beside.
    private static func week(_ c: CalendarDefinition, _ call: Call) -> HTML {
        let rows = c.week.enumerated().html { i, spans in
            let bars = spans.html { s in
                "<rect class=\"k-counted\" y=\"2\" height=\"12\" x=\"\(percent(s.from))\" width=\"\(percent(s.to - s.from))\"/>"
            }
            let said = spans.isEmpty ? call.t("levels.closed") : text(spans)
            return """
                <tr><th scope="row">\(call.t("levels.day.\(i + 1)"))</th><td><svg class="clock" height="16" role="img" aria-label="\(said)">\
                <rect class="k-outside" y="7" width="100%" height="2"/>\(bars)</svg></td><td class="nowrap">\(said)</td></tr>
                """
        }
        return LevelsParts.table(
            call.t("levels.hours"), [call.t("levels.day"), "00–24", call.t("levels.hours")], cards: false,
            rows)
    }

    /// Of a day, in hundredths of a percent.
    private static func percent(_ seconds: Int) -> String {
        let hundredths = seconds * 10_000 / 86_400
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)%"
    }

    static func columns(_ call: Call) -> [String] { [call.t("levels.zone"), call.t("levels.hours")] }

    /// `Monday to Friday 08:30-12:00, 13:30-17:30`: following days of the same spans together.
    private static func week(_ days: [[DaySpan]], _ call: Call) -> [String] {
        var runs: [String] = []
        var first = 0
        while first < days.count {
            let last = days[first...].prefix { $0 == days[first] }.endIndex - 1
            if !days[first].isEmpty {
                let names = [first, last].map { call.t("levels.day.\($0 + 1)") }
                let name =
                    first == last
                    ? names[0] : call.t("levels.day_run", ["first": names[0], "last": names[1]])
                runs.append(name + " " + text(days[first]))
            }
            first = last + 1
        }
        return runs
    }

    static func row(_ item: LevelItem, _ call: Call, _ tx: Transaction) throws -> [HTML] {
        let c = try CalendarDefinition(json: item.content)
        let hours: String
        if c.week.allSatisfy({ $0 == [.wholeDay] }) {
            hours = call.t("levels.always")
        } else {
            let runs = week(c.week, call)
            hours = runs.isEmpty ? "–" : runs.joined(separator: "; ")
        }
        return ["\(c.zone)", "\(hours)"]
    }
}
