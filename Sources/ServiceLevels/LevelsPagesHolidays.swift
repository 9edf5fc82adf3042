import Base
import Store
import Web

/// A holiday set: what is imported is added to what it holds; a year can be taken out again.
struct HolidaySetForm: LevelForm {
    static let kind = LevelKind.holidaySet
    var id: String?
    private var names: JSON?
    private var text: String?
    private var forget: Int64?
    private var know: Int64?

    init(_ read: inout FieldReader) {
        id = read.optionalText("id", max: 60)
        names = read.levelNames()
        text = read.optionalText("content", max: 500_000, lines: true)
        forget = read.optionalInt("forget", 1900...9999)
        know = read.optionalInt("know", 1900...9999)
    }

    func draft(before: LevelItem?, _ call: Call) throws -> LevelDraft {
        let label = try names.map { try Label(json: $0, "names") } ?? Label()
        var set = try before.map { try HolidaySet(json: $0.content) } ?? HolidaySet(id: id ?? "new")
        set.label = label
        if let forget { set.forget(Int(forget)) }
        if let text { _ = try HolidayImport.take(text, into: &set, field: "content") }
        if let know { set.know(Int(know)) }
        return LevelDraft(content: set.json)
    }

    static func fields(_ form: Form, _ call: Call, _ item: LevelItem?, _ tx: Transaction) throws -> HTML {
        let set = try item.map { try HolidaySet(json: $0.content) }
        let years = set?.years.map { (String($0), String($0)) } ?? []
        return """
            \(form.area("content", call.t("levels.import"), hint: call.t("levels.import.hint"), rows: 8, placeholder: call.t("levels.import.example")))\
            \(form.text("know", call.t("levels.know"), hint: call.t("levels.know.hint"), width: "w-s", inputMode: "numeric"))\
            \(years.isEmpty ? "" as HTML : form.select("forget", call.t("levels.forget"), years, empty: call.t("levels.forget.none"), hint: call.t("levels.forget.hint"), width: "w-s"))
            """
    }

    static func more(_ item: LevelItem, _ call: Call) -> HTML {
        let action = "\(kind.path)/\(item.id)/file?version=\(item.version)"
        return LevelsParts.panel(
            call.t("levels.file"),
            """
            <form class="form" method="post" action="\(action)" enctype="multipart/form-data">\(Layout.token(call))<div class="field"><span class="label" id="l-file">\(call.t("levels.file.choose"))</span>\
            <span class="hint" id="h-file">\(call.t("levels.file.hint"))</span>\(LevelsParts.error("file", call))\
            <div class="drop"><label class="btn file-pick"><span id="l-f-file" class="file-pick-label">\(Icon.clip)\(call.t("files.choose"))</span>\
            <input id="f-file" name="file" type="file" title="" accept=".json,.txt,.csv" aria-labelledby="l-file l-f-file" aria-describedby="h-file" required></label>\
            <span class="small muted">\(call.t("levels.file.drop"))</span></div></div>\
            <div class="row"><button class="btn" type="submit">\(Icon.download)\(call.t("levels.file.import"))</button></div></form>
            """, id: "file")
    }

    static func shown(_ item: LevelItem, _ call: Call, _ tx: Transaction) throws -> HTML {
        let set = try HolidaySet(json: item.content)
        let this = CivilDate.date(dayNumber: call.zone.wall(call.now).dayNumber).year
        // The coming year is on people's minds before it is announced.
        let years = Array(Set(set.years + [this, this + 1])).sorted(by: >)
        guard !set.years.isEmpty else { return "<p class=\"muted\">\(call.t("levels.set.empty"))</p>" }
        return years.html { year in
            let days = set.days.filter { CivilDate.date(dayNumber: $0.key).year == year }.sorted {
                $0.key < $1.key
            }
            let isKnown = set.knownYears.contains(year)
            let isProvisional = set.isProvisional(CivilDate.dayNumber(year: year, month: 12, day: 30))
            let mark: HTML =
                isKnown
                ? "<span class=\"tag tag-ok\">\(Icon.check)\(call.t("levels.known"))</span>"
                : isProvisional
                    ? "<span class=\"tag tag-warn\">\(Icon.alert)\(call.t("levels.provisional"))</span>"
                    : "<span class=\"tag\">\(call.t("levels.unknown"))</span>"
            let off = days.count { $0.value.isOff }
            return """
                <details class="fold"\(HTML.when(year == this || year == this + 1, " open"))><summary>\(Icon.right)<strong>\(String(year))</strong> \(mark) \
                <span class="muted small">\(call.t("levels.year.count", ["off": String(off), "work": String(days.count - off)]))</span></summary>\
                \(days.isEmpty ? "<p class=\"muted small\">\(call.t("levels.provisional.hint"))</p>" : table(days, call))</details>
                """
        }
    }

    /// Days that follow each other under one name are one line.
    private static func table(_ days: [(key: Int, value: HolidaySet.Day)], _ call: Call) -> HTML {
        var runs: [(from: Int, to: Int, what: HolidaySet.Day)] = []
        for (day, what) in days {
            if let last = runs.last, last.to == day - 1, last.what == what {
                runs[runs.count - 1].to = day
            } else {
                runs.append((day, day, what))
            }
        }
        let rows = runs.html { run in
            let span =
                run.from == run.to
                ? CivilDate.text(dayNumber: run.from)
                : CivilDate.text(dayNumber: run.from) + " – " + CivilDate.text(dayNumber: run.to).dropFirst(5)
            let kind: HTML =
                run.what.isOff
                ? "<span class=\"tag\">\(call.t("levels.off"))</span>"
                : "<span class=\"tag tag-accent\">\(call.t("levels.work"))</span>"
            return """
                <tr><td class="nowrap">\(span)</td><td>\(kind)</td><td class="n">\(run.to - run.from + 1)</td><td>\(run.what.name.isEmpty ? "–" : run.what.name)</td></tr>
                """
        }
        return LevelsParts.table(
            call.t("levels.days"),
            [call.t("levels.days"), call.t("levels.kind"), call.t("levels.number"), call.t("levels.name")],
            cards: false, numbers: [2], rows)
    }

    static func columns(_ call: Call) -> [String] { [call.t("levels.known"), call.t("levels.days")] }

    static func row(_ item: LevelItem, _ call: Call, _ tx: Transaction) throws -> [HTML] {
        let set = try HolidaySet(json: item.content)
        let years = set.knownYears.sorted()
        let span =
            years.isEmpty ? "–" : years.count == 1 ? "\(years[0])" : "\(years[0])–\(years[years.count - 1])"
        return ["\(span)", "\(set.days.count)"]
    }
}

extension HolidaySet {
    /// Every year that it says something of.
    var years: [Int] {
        Set(days.keys.map { CivilDate.date(dayNumber: $0).year }).union(knownYears).sorted()
    }
}
