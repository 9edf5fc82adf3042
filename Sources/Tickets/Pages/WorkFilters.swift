import Base
import InstalledBase
import ServiceLevels
import Store
import Web

/// Filters as chips: each choice is a link, what is chosen can be taken off again.
struct WorkFilters {
    let call: Call
    let here: PageLink

    init(_ call: Call) {
        self.call = call
        here = PageLink(call).with("peek", nil)
    }

    struct Choice {
        var value: String
        var shown: HTML
        var text: String
    }

    func chip(_ name: String, _ label: String, _ choices: [Choice]) -> HTML {
        if let chosen = here.value(name), !chosen.isEmpty {
            let text = choices.first { $0.value == chosen }?.text ?? chosen
            return """
                <a class="chip chip-on" href="\(here.with(name, nil))">\(call.t("work.filter.is", ["name": label, "value": text]))\
                \(Icon.x)<span class="vh">\(call.t("work.filter.off"))</span></a>
                """
        }
        return """
            <details class="menu menu-start"><summary class="chip">\(label)\(Icon.down)</summary><div class="menu-list">\
            \(choices.html { "<a href=\"\(here.with(name, $0.value))\">\($0.shown)</a>" })</div></details>
            """
    }

    var priority: HTML {
        chip(
            "priority", call.t("work.priority"),
            Priority.allCases.map { p in
                Choice(
                    value: p.code,
                    shown: "\(WorkParts.priority(call, p))\(call.t("work.priority.\(p.code)"))",
                    text: p.code)
            })
    }

    var category: HTML {
        chip("category", call.t("work.category"), choices(Category.allCases) { $0.nameKey })
    }

    var turn: HTML { chip("turn", call.t("work.turn"), choices(Turn.Party.allCases) { $0.nameKey }) }

    var state: HTML {
        var all = [Choice(value: "open", shown: "\(call.t("work.open"))", text: call.t("work.open"))]
        all += choices(TicketState.allCases) { $0.nameKey }
        return chip("state", call.t("work.state"), all)
    }

    var overdue: HTML {
        let isOn = here.value("overdue") == "1"
        return
            "<a class=\"chip\(isOn ? " chip-on" : "")\" href=\"\(here.with("overdue", isOn ? nil : "1"))\">\(call.t("work.group.overdue"))\(isOn ? Icon.x.html : "")</a>"
    }

    /// The same filter where it names a row: the project's name instead of its id.
    func named(_ name: String, _ label: String, _ options: [(String, String)]) -> HTML {
        guard let chosen = here.value(name), !chosen.isEmpty else { return "" }
        let text = options.first { $0.0 == chosen }?.1 ?? chosen
        return chip(name, label, [Choice(value: chosen, shown: "\(text)", text: text)])
    }

    private func choices<E: RawRepresentable<String>>(_ all: [E], _ key: (E) -> String) -> [Choice] {
        all.map { Choice(value: $0.rawValue, shown: "\(call.t(key($0)))", text: call.t(key($0))) }
    }
}

/// What a filter can be set to beside fixed words: only what the reader's own tickets name.
struct WorkFilterOptions {
    var projects: [(String, String)] = []
    var organizations: [(String, String)] = []
    var sites: [(String, String)] = []
    var engineers: [(String, String)] = []
    /// The one that is chosen, where the reader sees it.
    var units: [(String, String)] = []

    /// - Parameter all: everything to choose from; else only the names of what is chosen
    init(_ f: TicketFilter, all: Bool, _ tx: Transaction) throws {
        let english = tx.actor.language == .english
        func read(_ sql: SQL) throws -> [(String, String)] {
            try tx.rows(sql) { r in
                let id = r.text()
                let name = r.text()
                let latin = r.textOrNil()
                return (id, english ? latin ?? name : name)
            }
        }
        if let id = f.productUnit, let unit = try InstalledBase.seen(id, tx) {
            units = [(id.text, unit.title)]
        }
        let visible = TicketAccess.visible(to: tx.actor)
        let scope: SQL = all ? "and t.is_open = 1" : ""
        if all || f.project != nil {
            let one: SQL = all ? "" : "and x.id = \(f.project)"
            projects = try read(
                """
                select distinct x.id, x.name, x.name_en from ticket t join project x on x.id = t.project_id
                where \(visible) \(scope) \(one) order by x.name limit 200
                """)
        }
        if all || f.organization != nil {
            let one: SQL = all ? "" : "and x.id = \(f.organization)"
            organizations = try read(
                """
                select distinct x.id, x.name, x.name_en from ticket t
                join organization x on x.id = t.organization_id
                where \(visible) \(scope) \(one) order by x.name limit 200
                """)
        }
        if all || f.site != nil {
            let one: SQL = all ? "" : "and x.id = \(f.site)"
            sites = try read(
                """
                select distinct x.id, x.name, x.name_en from ticket t join site x on x.id = t.site_id
                where \(visible) \(scope) \(one) order by x.name limit 200
                """)
        }
        if all || f.engineer != nil {
            let one: SQL = all ? "" : "and x.id = \(f.engineer)"
            engineers = try read(
                """
                select distinct x.id, x.name, x.name_latin from ticket t join account x on x.id = t.engineer_id
                where \(visible) \(scope) \(one) order by x.name limit 200
                """)
        }
    }
}
