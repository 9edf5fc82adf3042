import Base
import Store
import Web

/// The administrator's pages of organisations.
enum OrganizationPages {
    private static let place = "/admin/organizations"

    /// The house's units as a tree.
    static func units(_ call: Call, _ tx: Transaction) throws -> Reply {
        let all = try tx.organizations(kinds: [.house, .unit], limit: 1000)
        let below = Dictionary(grouping: all.filter { $0.parent != nil }, by: \.parent)
        var rows: HTML = ""
        var seen = Set<OrganizationID>()
        func add(_ o: Organization, depth: Int) {
            guard seen.insert(o.id).inserted else { return }
            rows += row(o, call, depth: depth)
            for child in below[o.id] ?? [] { add(child, depth: depth + 1) }
        }
        for root in all where root.kind == .house { add(root, depth: 0) }
        for rest in all { add(rest, depth: 0) }
        return try page(.unit, rows, all.isEmpty, next: nil, search: false, call, tx)
    }

    static func list(_ kind: Organization.Kind, _ call: Call, _ tx: Transaction) throws -> Reply {
        let found = try People.organizationPage([kind], call, tx)
        return try page(
            kind, found.items.html { row($0, call, depth: 0) }, found.items.isEmpty, next: found.nextCursor,
            search: true, call, tx)
    }

    private static func path(_ kind: Organization.Kind) -> String {
        switch kind {
        case .house, .unit: "/admin/units"
        case .customer: "/admin/customers"
        case .supplier: "/admin/suppliers"
        }
    }

    private static func name(_ kind: Organization.Kind, _ call: Call) -> String {
        call.t("people.nav." + path(kind).dropFirst("/admin/".count))
    }

    private static func page(
        _ kind: Organization.Kind, _ rows: HTML, _ isEmpty: Bool, next: String?, search: Bool, _ call: Call,
        _ tx: Transaction
    ) throws -> Reply {
        let title = name(kind, call)
        let add = HTML.when(
            Parts.mayWrite(call),
            Parts.link(
                "\(place)/new?kind=\(kind.rawValue)", call.t("people.\(kind.rawValue).new"), .plus,
                primary: true))
        let body: HTML =
            isEmpty
            ? Parts.empty(call.t("people.\(kind.rawValue).none"), call.t("people.organizations.none.hint"))
            : Parts.table(title, columns(call), rows) + Parts.pager(call, next: next)
        return try Layout.page(
            call, tx, title: title, current: path(kind),
            """
            \(Parts.head(title, lead: call.t("people.\(kind.rawValue).lead"), add))\
            \(HTML.when(search, Parts.searchBox(call, call.t("people.organizations.search"))))\(body)
            """)
    }

    private static func columns(_ call: Call) -> [String] {
        ["name", "code", "country", "time_zone", "state"].map { call.t("people.f." + $0) }
    }

    private static func row(_ o: Organization, _ call: Call, depth: Int) -> HTML {
        let c = columns(call)
        // Depth is said by a mark before the name: no style attribute may say it.
        let indent = depth == 0 ? "" : String(repeating: "\u{2003}", count: depth - 1) + "└ "
        return """
            <tr><td class="card-title"><span class="muted" aria-hidden="true">\(indent)</span><a class="title" href="\(place)/\(o.id)">\(o.name(in: call.language))</a></td>\
            <td data-label="\(c[1])"><span class="sn">\(o.code ?? "–")</span></td><td data-label="\(c[2])">\(Country.shown(o.country, in: call.language))</td>\
            <td data-label="\(c[3])">\(o.zone)</td><td data-label="\(c[4])">\(Parts.state(o.isActive, call))</td></tr>
            """
    }

    static func new(_ call: Call, _ tx: Transaction) throws -> Reply {
        let form = Form(call)
        let asked = call.typed("kind") ?? call.queryValue("kind") ?? ""
        let kind = Organization.Kind(rawValue: asked) ?? .customer
        let parents: [Organization] =
            kind == .unit || kind == .house
            ? try People.units(tx) : try tx.organizations(kinds: [kind], limit: 500)
        let title = call.t("people.\(kind.rawValue).new")
        return try Layout.page(
            call, tx, title: title, current: path(kind),
            """
            \(Parts.head(title, crumbs: [(path(kind), name(kind, call))]))\(form.summary)\(form.open(place))\
            \(form.hidden("kind", kind.rawValue))\(form.text("name", call.t("people.f.name"), required: true))\
            \(form.text("name_en", call.t("people.f.name_en")))\
            \(form.text("code", call.t("people.f.code"), isSerial: true))\
            \(form.select("parent_id", call.t("people.f.parent_id"), parents.map { ($0.id.text, $0.name(in: call.language)) }, value: call.queryValue("parent"), empty: kind == .unit ? call.t("form.choose") : "–"))\
            \(form.country("country", call.t("people.f.country")))\
            \(form.zone("time_zone", call.t("people.f.time_zone"), hint: call.t("people.zone.hint")))\
            <div class="row">\(form.submit(call.t("form.save")))<a class="btn" href="\(path(kind))">\(call.t("form.cancel"))</a></div></form>
            """)
    }

    static func one(_ call: Call, _ tx: Transaction) throws -> Reply {
        let o = try People.organization(of: call, tx)
        let form = Form(call)
        let writes = Parts.mayWrite(call)
        let accounts = try tx.accounts(of: o.id, limit: 50)
        let projects = o.kind == .customer ? try tx.projects(customer: o.id, limit: 100) : []
        let data: HTML
        if writes {
            let parents: [Organization] =
                o.isHouse ? try People.units(tx) : try tx.organizations(kinds: [o.kind], limit: 500)
            let above = parents.filter { $0.id != o.id }.map { ($0.id.text, $0.name(in: call.language)) }
            data = """
                \(form.open("\(place)/\(o.id.text)"))\(Parts.version(o.version))\
                \(form.text("name", call.t("people.f.name"), value: o.name, required: true))\
                \(form.text("name_en", call.t("people.f.name_en"), value: o.nameEn))\
                \(form.text("code", call.t("people.f.code"), value: o.code, isSerial: true))\
                \(o.kind == .house ? "" as HTML : form.select("parent_id", call.t("people.f.parent_id"), above, value: o.parent?.text, empty: "–"))\
                \(form.country("country", call.t("people.f.country"), value: o.country))\
                \(form.zone("time_zone", call.t("people.f.time_zone"), value: o.zone, hint: call.t("people.zone.hint"), required: true))\
                \(ProjectPages.stateChoice(form, o.isActive, call))\
                <div class="row">\(form.submit(call.t("form.save")))</div></form>
                """
        } else {
            data = Parts.facts([
                (call.t("people.f.name"), "\(o.name)"), (call.t("people.f.name_en"), "\(o.nameEn ?? "–")"),
                (call.t("people.f.code"), "\(o.code ?? "–")"),
                (call.t("people.f.country"), "\(Country.shown(o.country, in: call.language))"),
                (call.t("people.f.time_zone"), "\(o.zone)"),
            ])
        }
        let add = HTML.when(
            writes,
            Parts.link("/admin/accounts/new?organization=\(o.id.text)", call.t("people.account.new"), .plus))
        let people: HTML =
            accounts.isEmpty
            ? "<p class=\"muted\">\(call.t("people.accounts.none"))</p>"
            : "<ul class=\"stack\">\(accounts.html { "<li class=\"row\"><a href=\"/admin/accounts/\($0.id)\">\($0.name(in: call.language))</a> <span class=\"muted sn\">\($0.login)</span></li>" })</ul>"
        let projectPanel: HTML = HTML.when(
            o.kind == .customer,
            Parts.panel(
                call.t("people.nav.projects"),
                projects.isEmpty
                    ? "<p class=\"muted\">\(call.t("people.projects.none"))</p>"
                    : "<ul class=\"stack\">\(projects.html { "<li><a href=\"/admin/projects/\($0.id)\">\($0.code) \($0.name(in: call.language))</a></li>" })</ul>",
                HTML.when(
                    writes,
                    Parts.link(
                        "/admin/projects/new?customer=\(o.id.text)", call.t("people.project.new"), .plus))))
        return try Layout.page(
            call, tx, title: o.name, current: path(o.kind),
            """
            \(Parts.head(o.name(in: call.language), lead: call.t("people.kind.\(o.kind.rawValue)"), crumbs: [(path(o.kind), name(o.kind, call))], Parts.state(o.isActive, call)))\
            \(form.summary)<div class="split-wide"><div class="stack-l">\(Parts.panel(call.t("people.organization.data"), data))\
            \(try Parts.history(of: Subject("organization", o.id), call, tx))</div><aside class="stack-l">\
            \(Parts.panel(call.t("people.nav.accounts"), people, add))\(projectPanel)</aside></div>
            """)
    }
}
