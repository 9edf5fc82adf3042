import Base
import People
import Store
import Web

/// A service level policy: for whom, from when, and a target for each grade and leg.
struct PolicyForm: LevelForm {
    static let kind = LevelKind.policy

    enum ScopeKind: String, CaseIterable, Sendable {
        case house, project, contract
        case catalogueItem = "catalogue_item"
    }

    var id: String?
    private var names: JSON?
    private var scope: ScopeKind?
    private var scopeID: String?
    private var from: Instant?
    private var until: Instant?
    private var calendars: [Leg: String] = [:]
    private var targets: [JSON.Member] = []
    private var appliesToOpen: Bool

    init(_ read: inout FieldReader) {
        id = read.optionalText("id", max: 60)
        names = read.levelNames()
        scope = read.optionalChoice("scope")
        let project = read.optionalText("scope_project", max: 64)
        let name = read.optionalText("scope_id", max: 100)
        scopeID = scope == .project ? project : name
        if scope == .project, project == nil { read.fault("scope_project", "field.required") }
        if scope == .contract || scope == .catalogueItem, name == nil {
            read.fault("scope_id", "field.required")
        }
        from = read.instant("effective_from")
        until = read.optionalInstant("effective_until")
        for leg in Leg.allCases { calendars[leg] = read.text("calendars.\(leg.rawValue)", max: 60) }
        let written = read.texts("targets", maxCount: 24) ?? [:]
        for priority in Priority.allCases {
            var row: [JSON.Member] = []
            for leg in Leg.allCases {
                let path = "\(priority.code).\(leg.rawValue)"
                let amount = written[path + ".amount"].flatMap { Int64(CleanText.foldIdentifier($0)) }
                let unit = written[path + ".unit"].flatMap(TargetUnit.init(rawValue:))
                guard let amount, let unit,
                    let target = Target(amount, unit, calendar: written[path + ".calendar"])
                else {
                    read.fault("targets.\(path)", "levels.target_wrong")
                    continue
                }
                row.append(.init(leg.rawValue, target.json))
            }
            targets.append(.init(priority.code, .object(row)))
        }
        appliesToOpen = read.bool("applies_to_open")
    }

    func draft(before: LevelItem?, _ call: Call) throws -> LevelDraft {
        var place = before?.content["scope"]
        if place == nil {
            guard let scope else { throw Failure.invalid("scope", "field.required") }
            place = .make(["kind": .string(scope.rawValue), "id": .of(scopeID)])
        }
        return LevelDraft(
            content: .make([
                "label": names, "scope": place, "effective_from": .of(from), "effective_until": .of(until),
                "calendars": .object(Leg.allCases.map { .init($0.rawValue, .of(calendars[$0])) }),
                "targets": .object(targets),
                // Rows of single categories are written through the API; a form leaves them as they are.
                "categories": before?.content["categories"],
            ]), isActive: before?.isActive ?? true, appliesToOpen: appliesToOpen)
    }

    // MARK: The form

    static func fields(_ form: Form, _ call: Call, _ item: LevelItem?, _ tx: Transaction) throws -> HTML {
        let old = try item.map { try ServiceLevelPolicy(json: $0.content) }
        let calendars = try tx.levelItems(.calendar).map { ($0.id, LevelsParts.name($0, call)) }
        let standard = try ServiceLevelPolicy.standard(from: call.now)
        let scope = item == nil ? try scopeFields(form, call, tx) : HTML()
        let legs = Leg.allCases.html { leg in
            form.select(
                "calendars.\(leg.rawValue)",
                call.t("levels.calendar_of", ["leg": call.t("levels.leg.\(leg.rawValue)")]),
                calendars,
                value: leg == .response ? old?.responseCalendar : old?.solutionCalendar, width: "w-m")
        }
        let rows = Priority.allCases.html { p in
            let cells = Leg.allCases.html { leg in
                cell(p, leg, (old ?? standard).targets(p, category: nil)?[leg], calendars, call)
            }
            return "<tr><th scope=\"row\">\(LevelsParts.priority(p))</th>\(cells)</tr>"
        }
        return """
            \(scope)\(form.moment("effective_from", call.t("levels.from"), value: call.zone.formText(old?.effectiveFrom ?? call.now), required: true))\
            \(form.moment("effective_until", call.t("levels.until"), value: old?.effectiveUntil.map { call.zone.formText($0) }))\(legs)\
            <fieldset class="stack" id="f-targets"><legend class="label">\(call.t("levels.targets"))</legend><p class="hint">\(call.t("levels.targets.hint"))</p>\
            \(LevelsParts.table(call.t("levels.targets"), [call.t("levels.grade")] + Leg.allCases.map { call.t("levels.leg.\($0.rawValue)") }, cards: false, rows))</fieldset>\
            \(item == nil ? "" as HTML : "<div class=\"stack\">\(form.box("applies_to_open", call.t("levels.open")))<p class=\"hint\">\(call.t("levels.open.hint"))</p></div>")
            """
    }

    private static func scopeFields(_ form: Form, _ call: Call, _ tx: Transaction) throws -> HTML {
        let projects = try People.projectNames(tx).map { ($0.id.text, $0.code + " " + $0.name) }
        return """
            \(form.select("scope", call.t("levels.scope"), ScopeKind.allCases.map { ($0.rawValue, call.t("levels.scope.\($0.rawValue)")) }, value: "house", hint: call.t("levels.scope.hint"), width: "w-m"))\
            \(form.select("scope_project", call.t("levels.scope.project"), projects, empty: "–", hint: call.t("levels.scope.project.hint"), width: "w-m", optional: false))\
            \(form.text("scope_id", call.t("levels.scope.id"), hint: call.t("levels.scope.id.hint"), width: "w-m", optional: false))
            """
    }

    private static func cell(
        _ p: Priority, _ leg: Leg, _ target: Target?, _ calendars: [(String, String)], _ call: Call
    ) -> HTML {
        let path = "targets.\(p.code).\(leg.rawValue)"
        let (amount, unit) = target?.measure ?? (0, .h)
        let name = "\(p.code) \(call.t("levels.leg.\(leg.rawValue)"))"
        let chosenUnit = call.typed(path + ".unit") ?? unit.rawValue
        let chosenCalendar = call.typed(path + ".calendar") ?? target?.calendar ?? ""
        return """
            <td><span class="row" id="f-\(path)"><input class="input w-xs" name="\(path).amount" inputmode="numeric" autocomplete="off" value="\(call.typed(path + ".amount") ?? String(amount))" aria-label="\(name)"\(call.fault(path) == nil ? "" as HTML : " aria-invalid=\"true\"")>\
            <select class="select w-s" name="\(path).unit" aria-label="\(name): \(call.t("levels.unit"))">\(TargetUnit.allCases.html { u in
                "<option value=\"\(u.rawValue)\"\(HTML.when(u.rawValue == chosenUnit, " selected"))>\(call.t("levels.unit.\(u.rawValue)"))</option>"
            })</select><select class="select w-s" name="\(path).calendar" aria-label="\(name): \(call.t("levels.calendar"))"><option value="">\(call.t("levels.calendar.as_above"))</option>\
            \(calendars.html { id, shown in "<option value=\"\(id)\"\(HTML.when(id == chosenCalendar, " selected"))>\(shown)</option>" })</select></span>\(LevelsParts.error(path, call))</td>
            """
    }

    static func more(_ item: LevelItem, _ call: Call) -> HTML {
        LevelsParts.panel(
            call.t(item.isActive ? "levels.end" : "levels.revive"),
            """
            <p class="small">\(call.t(item.isActive ? "levels.end.hint" : "levels.revive.hint"))</p><form method="post" action="\(kind.path)/\(item.id)/ending">\(Layout.token(call))\
            \(LevelsParts.version(item))<button class="btn\(item.isActive ? " btn-danger" : "")" type="submit">\(call.t(item.isActive ? "levels.end" : "levels.revive"))</button></form>
            """)
    }

    // MARK: Read

    static func scopeText(_ scope: PolicyScope, _ call: Call, _ tx: Transaction) throws -> String {
        switch scope {
        case .house: return call.t("levels.scope.house")
        case .project(let id):
            let known = try People.projectNames(of: [ProjectID(id)], tx)[ProjectID(id)]
            return call.t("levels.scope.project") + " " + (known ?? id)
        case .contract(let id): return call.t("levels.scope.contract") + " " + id
        case .catalogueItem(let id): return call.t("levels.scope.catalogue_item") + " " + id
        }
    }

    static func shown(_ item: LevelItem, _ call: Call, _ tx: Transaction) throws -> HTML {
        let p = try ServiceLevelPolicy(json: item.content)
        let calendars = Dictionary(
            try tx.levelItems(.calendar).map { ($0.id, LevelsParts.name($0, call)) }, uniquingKeysWith: { $1 }
        )
        let tables =
            ([(nil, p.targets)] + p.categories.sorted { $0.key < $1.key }.map { (Optional($0.key), $0.value) })
            .map { category, table -> HTML in
                let rows = Priority.allCases.compactMap { g in table[g].map { (g, $0) } }.html { g, row in
                    let cells = Leg.allCases.html { leg in
                        let own = row[leg].calendar.map { " · " + (calendars[$0] ?? $0) } ?? ""
                        return
                            "<td>\(LevelsParts.target(row[leg], call))<span class=\"muted small\">\(own)</span></td>"
                    }
                    return "<tr><th scope=\"row\">\(LevelsParts.priority(g))</th>\(cells)</tr>"
                }
                let title = category.map { call.t("levels.category.\($0)") } ?? call.t("levels.targets")
                return (category == nil ? "" : "<h3>\(title)</h3>" as HTML)
                    + LevelsParts.table(
                        title,
                        [call.t("levels.grade")] + Leg.allCases.map { call.t("levels.leg.\($0.rawValue)") },
                        cards: false, rows)
            }
        let times = Times(call)
        let until: HTML = p.effectiveUntil.map { " – " + times.full($0) } ?? ""
        return """
            <dl class="facts"><dt>\(call.t("levels.scope"))</dt><dd>\(try scopeText(p.scope, call, tx))</dd>\
            <dt>\(call.t("levels.from"))</dt><dd>\(p.effectiveFrom == Instant(ms: 0) ? "\(call.t("levels.from.start"))" : times.full(p.effectiveFrom))\(until)</dd>\
            <dt>\(call.t("levels.leg.response"))</dt><dd>\(calendars[p.responseCalendar] ?? p.responseCalendar)</dd>\
            <dt>\(call.t("levels.leg.solution"))</dt><dd>\(calendars[p.solutionCalendar] ?? p.solutionCalendar)</dd></dl>\(tables)
            """
    }

    static func columns(_ call: Call) -> [String] {
        [call.t("levels.scope"), call.t("levels.targets"), call.t("levels.from")]
    }

    static func row(_ item: LevelItem, _ call: Call, _ tx: Transaction) throws -> [HTML] {
        let p = try ServiceLevelPolicy(json: item.content)
        let targets = Priority.allCases.html { g -> HTML in
            guard let row = p.targets[g] else { return "" }
            return
                "<span class=\"nowrap\">\(LevelsParts.priority(g)) \(LevelsParts.target(row.response, call)) / \(LevelsParts.target(row.solution, call))</span> "
        }
        return [
            "\(try scopeText(p.scope, call, tx))", "<span class=\"row targets\">\(targets)</span>",
            p.effectiveFrom == Instant(ms: 0)
                ? "\(call.t("levels.from.start"))" : Times(call).short(p.effectiveFrom),
        ]
    }
}
