import Base
import Store
import Web

/// The house's settings and the routing table.
enum SettingPages {
    static func all(_ call: Call, _ tx: Transaction) throws -> Reply {
        let writes = Parts.mayWrite(call)
        let settings = try People.settings(tx)
        let refused = call.failure == nil ? nil : call.parameter("name")
        let form = Form(call, scope: refused ?? "")
        let blocks = try settings.map { s -> HTML in
            guard let setting = HouseSetting(rawValue: s.name) else { return "" }
            // Only the form that was refused shows again what was typed.
            var plain = call
            if refused != s.name {
                plain.failure = nil
                plain.content = .none
            }
            return try block(setting, s, Form(plain, scope: s.name), writes, call, tx)
        }
        return try Layout.page(
            call, tx, title: call.t("people.nav.settings"), current: "/admin/settings",
            """
            \(Parts.head(call.t("people.nav.settings"), lead: call.t("people.settings.lead")))\(form.summary)<div class="two">\(blocks)</div>
            """)
    }

    private static func block(
        _ setting: HouseSetting, _ s: SettingVersion, _ form: Form, _ writes: Bool, _ call: Call,
        _ tx: Transaction
    ) throws -> HTML {
        let title = call.t("setting.\(s.name)")
        let since: HTML =
            s.version == 0
            ? "\(call.t("people.setting.standard"))"
            : "\(call.t("people.setting.version", ["n": String(s.version)])) · \(Times(call).short(s.effectiveFrom))"
        let currency = try Settings.currency(tx)
        var body: HTML =
            "<p class=\"muted small\">\(call.t("setting.\(s.name).hint", ["currency": currency]))</p>"
        if writes {
            body += """
                \(form.open("/admin/settings/\(s.name)", class: "stack"))\(Parts.version(s.version))\(field(setting, s.value, form, title, currency, call))\
                <div class="row"><button class="btn" type="submit">\(call.t("form.save"))</button><span class="muted small row-end">\(since)</span></div></form>
                """
        } else {
            body +=
                "<p><strong>\(shown(setting, s.value, currency))</strong> <span class=\"muted small\">\(since)</span></p>"
        }
        let versions = try Settings.versions(s.name, tx)
        let names = try People.names(of: versions.compactMap(\.createdBy), tx)
        if !versions.isEmpty {
            body += """
                <details class="fold"><summary>\(call.t("people.setting.versions"))</summary><ul class="stack">\(versions.html { v in
                    """
                    <li><span class="muted small">\(v.version) · \(Times(call).short(v.effectiveFrom)) · \(v.createdBy.flatMap { names[$0] } ?? "–")</span><br>\(shown(setting, v.value, currency))</li>
                    """
                })</ul></details>
                """
        }
        return Parts.panel(title, body, id: s.name)
    }

    private static func field(
        _ setting: HouseSetting, _ value: JSON, _ form: Form, _ title: String, _ currency: String,
        _ call: Call
    ) -> HTML {
        switch setting {
        case .houseName:
            form.text("names.zh", call.t("people.f.name"), value: value["zh"]?.string, required: true)
                + form.text(
                    "names.en", call.t("people.f.name_en"), value: value["en"]?.string, required: true)
        case .fourEyes:
            form.select(
                "value", title,
                FourEyes.allCases.map { ($0.rawValue, call.t("setting.four_eyes.\($0.rawValue)")) },
                value: value.string)
        case .costLimit, .stockLimit, .countFinanceLimit, .countManagementLimit:
            form.text(
                "amount", title, value: value.int.map { Money.typed($0, currency) }, required: true,
                inputMode: "decimal")
        case .sessionHours, .stockAloneHours:
            form.text(
                "number", title, value: value.int.map { String($0) }, required: true, inputMode: "numeric")
        case .houseTimeZone, .currency: form.text("value", title, value: value.string, required: true)
        case .baseURL: form.text("value", title, value: value.string, type: "url")
        case .quietFrom, .quietTo: form.text("value", title, value: value.string, type: "time")
        }
    }

    private static func shown(_ setting: HouseSetting, _ value: JSON, _ currency: String) -> String {
        if setting.isAmount, let minor = value.int { return Money.text(minor, currency) }
        if let zh = value["zh"]?.string, let en = value["en"]?.string { return "\(zh) / \(en)" }
        let text = value.string ?? value.text
        return text.isEmpty ? "–" : text
    }

    static func routing(_ call: Call, _ tx: Transaction) throws -> Reply {
        let lines = try tx.routing()
        let names = try People.organizationNames(of: Set(lines.map(\.unit)), tx)
        let form = Form(call)
        let writes = Parts.mayWrite(call)
        let columns =
            ["category", "product", "unit_id"].map { call.t("people.f." + $0) } + (writes ? [""] : [])
        let rows = lines.html { l in
            """
            <tr><td class="card-title">\(call.t("people.category.\(l.category)"))</td><td data-label="\(columns[1])">\(l.product ?? call.t("people.any_product"))</td>\
            <td data-label="\(columns[2])">\(names[l.unit] ?? l.unitName)</td>\(HTML.when(writes, "<td class=\"n\">\(Parts.button(call, "/admin/routing/\(l.id)/removal", call.t("people.routing.remove"), danger: true))</td>"))</tr>
            """
        }
        let list: HTML =
            lines.isEmpty
            ? Parts.empty(call.t("people.routing.none"), call.t("people.routing.none.hint"))
            : Parts.table(call.t("people.nav.routing"), columns, rows)
        let categories = RoutedCategory.allCases.map {
            ($0.rawValue, call.t("people.category.\($0.rawValue)"))
        }
        let units = try People.units(tx).map { ($0.id.text, $0.name(in: call.language)) }
        let add: HTML = HTML.when(
            writes,
            Parts.panel(
                call.t("people.routing.new"),
                """
                \(form.open("/admin/routing", class: "stack"))\(form.select("category", call.t("people.f.category"), categories, empty: call.t("form.choose")))\
                \(form.text("product", call.t("people.f.product"), hint: call.t("people.any_product.hint"), isSerial: true))\
                \(form.select("unit_id", call.t("people.f.unit_id"), units, empty: call.t("form.choose")))\
                <div class="row">\(form.submit(call.t("people.routing.add")))</div></form>
                """))
        return try Layout.page(
            call, tx, title: call.t("people.nav.routing"), current: "/admin/routing",
            """
            \(Parts.head(call.t("people.nav.routing"), lead: call.t("people.routing.lead")))\(form.summary)\
            <div class="split-wide"><div class="stack-l">\(list)\(try Parts.history(of: Subject("setting", "routing"), call, tx))</div><aside class="stack-l">\(add)</aside></div>
            """)
    }
}
