import Base
import People
import Store
import Web

/// Parts that the pages of this area share.
enum LevelsParts {
    static func head(_ title: String, lead: String, crumbs: Bool, _ call: Call, _ actions: HTML = "") -> HTML
    {
        let trail: HTML =
            crumbs
            ? "<ol class=\"crumbs\"><li><a href=\"/admin/levels\">\(call.t("levels.nav"))</a></li></ol>" : ""
        return """
            <div class="head"><div>\(trail)<h1>\(title)</h1><p class="lead">\(lead)</p></div>\
            \(actions.isEmpty ? "" as HTML : "<div class=\"row\">\(actions)</div>")</div>
            """
    }

    static func panel(_ title: String, _ body: HTML, id: String = "", _ actions: HTML = "") -> HTML {
        """
        <section class="panel"\(id.isEmpty ? "" as HTML : " id=\"\(id)\"")><div class="panel-head"><h2>\(title)</h2>\
        \(actions.isEmpty ? "" as HTML : "<span class=\"row row-end\">\(actions)</span>")</div><div class="panel-body stack">\(body)</div></section>
        """
    }

    static func link(
        _ path: String, _ name: String, _ icon: Icon? = nil, primary: Bool = false, small: Bool = false
    )
        -> HTML
    {
        "<a class=\"btn\(primary ? " btn-primary" : "")\(small ? " btn-s" : "")\" href=\"\(path)\">\(icon.map(\.html))\(name)</a>"
    }

    /// A table whose rows become cards where room is small.
    ///
    /// - Parameter numbers: columns of figures, aligned at their end
    static func table(
        _ caption: String, _ columns: [String], cards: Bool = true, numbers: Set<Int> = [], _ rows: HTML
    ) -> HTML {
        """
        <div class="table-wrap\(cards ? " cards-wrap" : "")" tabindex="0" role="region" aria-label="\(caption)">\
        <table class="table\(cards ? " table-cards" : " table-compact")"><caption class="vh">\(caption)</caption>\
        <thead><tr>\(columns.enumerated().html { i, name in "<th scope=\"col\"\(HTML.when(numbers.contains(i), " class=\"n\""))>\(name)</th>" })</tr></thead><tbody>\(rows)</tbody></table></div>
        """
    }

    static func priority(_ p: Priority) -> HTML { "<span class=\"p p\(p.rawValue)\">\(p.code)</span>" }

    static func mayWrite(_ call: Call) -> Bool { call.caller?.actor.has(.administrator) ?? false }

    static func name(_ item: LevelItem, _ call: Call) -> String {
        ((try? Label(json: item.content["label"] ?? .object([]), "label")) ?? Label()).text(
            in: call.language, key: item.id)
    }

    static func version(_ item: LevelItem) -> HTML {
        "<input type=\"hidden\" name=\"version\" value=\"\(item.version)\">"
    }

    /// The names of an item in the three languages.
    static func names(_ form: Form, _ call: Call, _ item: LevelItem?) -> HTML {
        Language.allCases.html { l in
            form.text(
                "names.\(l.rawValue)", call.t("levels.name") + " · " + call.t("levels.lang.\(l.rawValue)"),
                value: item?.content["label"]?[l.rawValue]?.string)
        }
    }

    static func error(_ field: String, _ call: Call) -> HTML {
        guard let fault = call.fault(field) else { return "" }
        return "<p class=\"error\" id=\"e-\(field)\">\(Icon.alert)<span>\(fault)</span></p>"
    }

    /// `2 h`, `3 d`, `45 min`, `5 working days`.
    static func target(_ t: Target, _ call: Call) -> String {
        let (amount, unit) = t.measure
        return "\(amount) \(call.t("levels.unit.\(unit.rawValue)"))"
    }

    /// Every version, newest first: who made it and when.
    static func versions(_ all: [LevelItem], shown: Int, _ call: Call, _ tx: Transaction) throws -> HTML {
        let names = try People.names(of: all.compactMap(\.createdBy), tx)
        guard let first = all.first else { return "" }
        let rows = all.html { v in
            """
            <li><span class="dot">\(v.version == shown ? Icon.check : Icon.edit)</span><p class="event">\
            <a href="\(first.kind.path)/\(first.id)\(v.version == first.version ? "" : "?version=\(v.version)")"\(HTML.when(v.version == shown, " aria-current=\"true\""))>\(call.t("levels.version", ["n": String(v.version)]))</a> \
            <b>\(v.createdBy.flatMap { names[$0] } ?? call.t("levels.by_system"))</b> \(Times(call).full(v.createdAt))\
            \(HTML.when(!v.isActive, " <span class=\"tag\">\(Icon.x)\(call.t("levels.ended"))</span>"))</p></li>
            """
        }
        return panel(
            call.t("levels.versions"),
            "<ol class=\"timeline\">\(rows)</ol><p class=\"muted small\">\(call.t("levels.versions.hint"))</p>",
            id: "versions")
    }
}

/// How a form measures a target.
enum TargetUnit: String, CaseIterable, Sendable { case min, h, d, wd }

extension Target {
    /// The largest unit that leaves no rest.
    var measure: (Int64, TargetUnit) {
        switch amount {
        case .workingDays(let n): (Int64(n), .wd)
        case .counted(let s) where s % 86_400 == 0 && s > 0: (s / 86_400, .d)
        case .counted(let s) where s % 3600 == 0: (s / 3600, .h)
        case .counted(let s): (s / 60, .min)
        }
    }

    init?(_ amount: Int64, _ unit: TargetUnit, calendar: String?) {
        guard (0...600_000).contains(amount) else { return nil }
        switch unit {
        case .min: self.init(.counted(amount * 60), calendar: calendar)
        case .h: self.init(.counted(amount * 3600), calendar: calendar)
        case .d: self.init(.counted(amount * 86_400), calendar: calendar)
        case .wd: self.init(.workingDays(Int(amount)), calendar: calendar)
        }
    }
}

extension FieldReader {
    /// The names in the three languages as a label's JSON.
    mutating func levelNames() -> JSON? {
        let given = texts("names", maxCount: 3) ?? [:]
        let members: [JSON.Member] = Language.allCases.compactMap { l in
            guard let name = given[l.rawValue] else { return nil }
            guard let clean = try? CleanText.line(name, max: 100) else {
                fault("names.\(l.rawValue)", "field.too_long", ["max": "100"])
                return nil
            }
            return clean.isEmpty ? nil : .init(l.rawValue, .string(clean))
        }
        return members.isEmpty ? nil : .object(members)
    }
}
