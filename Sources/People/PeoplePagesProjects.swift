import Base
import Store
import Web

/// The administrator's pages of projects and sites.
enum ProjectPages {
    private static let place = "/admin/projects"

    static func list(_ call: Call, _ tx: Transaction) throws -> Reply {
        let page = try People.projectPage(call, tx)
        let customers = try People.organizationNames(of: page.items.map(\.customer), tx)
        let columns = ["code", "name", "customer_id", "contract", "state"].map { call.t("people.f." + $0) }
        let rows = page.items.html { p in
            """
            <tr><td class="card-title"><a class="title sn" href="\(place)/\(p.id)">\(p.code)</a></td>\
            <td data-label="\(columns[1])">\(p.name(in: call.language))</td><td data-label="\(columns[2])">\(customers[p.customer])</td>\
            <td data-label="\(columns[3])">\(p.contract ?? "–")</td><td data-label="\(columns[4])">\(Parts.state(p.isActive, call))</td></tr>
            """
        }
        let add = HTML.when(
            Parts.mayWrite(call),
            Parts.link(place + "/new", call.t("people.project.new"), .plus, primary: true))
        let body: HTML =
            page.items.isEmpty
            ? Parts.empty(call.t("people.projects.none"), call.t("people.projects.none.hint"))
            : Parts.table(call.t("people.nav.projects"), columns, rows)
                + Parts.pager(call, next: page.nextCursor)
        return try Layout.page(
            call, tx, title: call.t("people.nav.projects"), current: place,
            """
            \(Parts.head(call.t("people.nav.projects"), lead: call.t("people.projects.lead"), add))\
            \(Parts.searchBox(call, call.t("people.projects.search")))\(body)
            """)
    }

    static func new(_ call: Call, _ tx: Transaction) throws -> Reply {
        let form = Form(call)
        var customers = try tx.organizations(kinds: [.customer], limit: 500)
        let chosen = call.typed("customer_id") ?? call.queryValue("customer")
        if let chosen, !customers.contains(where: { $0.id.text == chosen }),
            let found = try tx.organization(ID(chosen))
        {
            customers.append(found)
        }
        return try Layout.page(
            call, tx, title: call.t("people.project.new"), current: place,
            """
            \(Parts.head(call.t("people.project.new"), crumbs: [(place, call.t("people.nav.projects"))]))\(form.summary)\(form.open(place))\
            \(form.text("code", call.t("people.f.code"), isSerial: true, required: true))\
            \(form.text("name", call.t("people.f.name"), required: true))\
            \(form.text("name_en", call.t("people.f.name_en")))\
            \(form.select("customer_id", call.t("people.f.customer_id"), customers.map { ($0.id.text, $0.name(in: call.language)) }, value: chosen, empty: call.t("form.choose")))\
            \(form.text("contract", call.t("people.f.contract")))\
            <div class="row">\(form.submit(call.t("form.save")))<a class="btn" href="\(place)">\(call.t("form.cancel"))</a></div></form>
            """)
    }

    static func one(_ call: Call, _ tx: Transaction) throws -> Reply {
        let p = try People.project(of: call, tx)
        let form = Form(call)
        let writes = Parts.mayWrite(call)
        let customer = try tx.organization(p.customer)
        let sites = try tx.sites(of: [p.id])
        let contacts = try tx.contacts(of: p.id)
        let data: HTML =
            writes
            ? """
            \(form.open("\(place)/\(p.id.text)"))\(Parts.version(p.version))\
            \(form.text("name", call.t("people.f.name"), value: p.name, required: true))\
            \(form.text("name_en", call.t("people.f.name_en"), value: p.nameEn))\
            \(form.text("contract", call.t("people.f.contract"), value: p.contract))\(stateChoice(form, p.isActive, call))\
            <div class="row">\(form.submit(call.t("form.save")))</div></form>
            """
            : Parts.facts([
                (call.t("people.f.name"), "\(p.name)"), (call.t("people.f.name_en"), "\(p.nameEn ?? "–")"),
                (call.t("people.f.contract"), "\(p.contract ?? "–")"),
            ])
        let add = HTML.when(
            writes, Parts.link("\(place)/\(p.id.text)/sites/new", call.t("people.site.new"), .plus))
        let siteList: HTML =
            sites.isEmpty
            ? "<p class=\"muted\">\(call.t("people.sites.none"))</p>"
            : "<ul class=\"stack\">\(sites.html { "<li class=\"line\">\(Icon.pin)<span><a href=\"/admin/sites/\($0.id)\">\($0.name(in: call.language))</a> <span class=\"muted small\">\($0.zone)</span></span></li>" })</ul>"
        return try Layout.page(
            call, tx, title: p.name, current: place,
            """
            \(Parts.head(p.name(in: call.language), lead: "\(p.code) · \(customer?.name(in: call.language) ?? "")", crumbs: [(place, call.t("people.nav.projects"))], Parts.state(p.isActive, call)))\
            \(form.summary)<div class="split-wide"><div class="stack-l">\(Parts.panel(call.t("people.project.data"), data))\
            \(try Parts.history(of: Subject("project", p.id), call, tx))</div><aside class="stack-l">\
            \(Parts.panel(call.t("people.contacts"), try contactPart(p, contacts, form, writes, call, tx)))\
            \(Parts.panel(call.t("people.sites"), siteList, add))</aside></div>
            """)
    }

    private static func contactPart(
        _ p: Project, _ contacts: [ProjectContact], _ form: Form, _ writes: Bool, _ call: Call,
        _ tx: Transaction
    ) throws -> HTML {
        let ids = contacts.flatMap { [$0.contact, $0.deputy, $0.siteLead, $0.technicalLead] }.compactMap {
            $0
        }
        let names = try People.names(of: ids, tx)
        let list: HTML =
            contacts.isEmpty
            ? "<p class=\"note note-need\">\(call.t("people.contacts.none"))</p>"
            : contacts.html { c in
                let pairs = [
                    ("contact_id", Optional(c.contact)), ("deputy_id", c.deputy),
                    ("site_lead_id", c.siteLead),
                    ("technical_lead_id", c.technicalLead),
                ]
                let until: HTML = c.to.map { Times(call).short($0) } ?? "\(call.t("people.now"))"
                return """
                    <div class="note"><p class="muted small">\(Times(call).short(c.from)) – \(until)</p>\
                    \(Parts.facts(pairs.map { (call.t("people.f." + $0.0), "\($0.1.flatMap { names[$0] } ?? "–")") }))</div>
                    """
            }
        guard writes else { return list }
        let staff = try People.people(
            with: Role.allCases.filter { ![.customer, .supplier, .administrator, .auditor].contains($0) }, tx)
        let theirs = try People.people(of: p.customer, tx)
        func options(_ people: [Person]) -> [(String, String)] {
            people.map { ($0.id.text, $0.name(in: call.language)) }
        }
        let now = contacts.first { $0.isHeld(at: call.now) }
        return """
            \(list)<details class="fold"\(HTML.when(call.typed("contact_id") != nil || contacts.isEmpty, " open"))><summary>\(call.t("people.contacts.name"))</summary>\
            \(form.open("\(place)/\(p.id.text)/contacts", class: "stack"))\
            \(form.select("contact_id", call.t("people.f.contact_id"), options(staff + theirs), value: now?.contact.text, empty: call.t("form.choose")))\
            \(form.select("deputy_id", call.t("people.f.deputy_id"), options(staff + theirs), value: now?.deputy?.text, empty: "–"))\
            \(form.select("site_lead_id", call.t("people.f.site_lead_id"), options(staff.filter { $0.roles.has(.siteLead) }), value: now?.siteLead?.text, empty: "–"))\
            \(form.select("technical_lead_id", call.t("people.f.technical_lead_id"), options(staff.filter { $0.roles.has(.technicalLead) }), value: now?.technicalLead?.text, empty: "–"))\
            \(form.moment("from_at", call.t("people.f.from_at"), hint: call.t("people.from.hint"), width: ""))\
            <div class="row"><button class="btn" type="submit">\(call.t("people.contacts.name"))</button></div></form></details>
            """
    }

    static func stateChoice(_ form: Form, _ isActive: Bool, _ call: Call) -> HTML {
        form.select(
            "is_active", call.t("people.f.state"),
            [("true", call.t("people.active")), ("false", call.t("people.inactive"))],
            value: isActive ? "true" : "false")
    }

    // MARK: Sites

    static func newSite(_ call: Call, _ tx: Transaction) throws -> Reply {
        let p = try People.project(of: call, tx)
        let form = Form(call)
        let path = "\(place)/\(p.id.text)"
        return try Layout.page(
            call, tx, title: call.t("people.site.new"), current: place,
            """
            \(Parts.head(call.t("people.site.new"), lead: p.name(in: call.language), crumbs: [(place, call.t("people.nav.projects")), (path, p.code)]))\
            \(form.summary)\(form.open(path + "/sites"))\(siteFields(nil, form, call))\
            <div class="row">\(form.submit(call.t("form.save")))<a class="btn" href="\(path)">\(call.t("form.cancel"))</a></div></form>
            """)
    }

    static func site(_ call: Call, _ tx: Transaction) throws -> Reply {
        let s = try People.site(of: call, tx)
        let p = try tx.project(s.project)
        let form = Form(call)
        let data: HTML =
            Parts.mayWrite(call)
            ? """
            \(form.open("/admin/sites/\(s.id.text)"))\(Parts.version(s.version))\(siteFields(s, form, call))\
            \(stateChoice(form, s.isActive, call))<div class="row">\(form.submit(call.t("form.save")))</div></form>
            """
            : Parts.facts([
                (call.t("people.f.name"), "\(s.name)"),
                (call.t("people.f.country"), "\(Country.shown(s.country, in: call.language))"),
                (call.t("people.f.time_zone"), "\(s.zone)"),
                (call.t("people.f.address"), "\(s.address ?? "–")"),
            ])
        let local = Zone(s.zone).map { $0.wall(call.now).text } ?? ""
        return try Layout.page(
            call, tx, title: s.name, current: place,
            """
            \(Parts.head(s.name(in: call.language), lead: call.t("people.site.local", ["time": local]), crumbs: [(place, call.t("people.nav.projects")), ("\(place)/\(s.project.text)", p?.code ?? "")], Parts.state(s.isActive, call)))\
            \(form.summary)<div class="stack-l">\(Parts.panel(call.t("people.site.data"), data))\(try Parts.history(of: Subject("site", s.id), call, tx))</div>
            """)
    }

    private static func siteFields(_ s: Site?, _ form: Form, _ call: Call) -> HTML {
        form.text("name", call.t("people.f.name"), value: s?.name, required: true)
            + form.text(
                "name_en", call.t("people.f.name_en"), value: s?.nameEn)
            + form.country("country", call.t("people.f.country"), value: s?.country)
            + form.zone(
                "time_zone", call.t("people.f.time_zone"), value: s?.zone, hint: call.t("people.zone.hint"),
                required: true)
            + form.area("address", call.t("people.f.address"), value: s?.address, rows: 2)
    }
}
