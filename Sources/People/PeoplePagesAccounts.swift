import Base
import Store
import Web

/// The administrator's pages of accounts.
enum AccountPages {
    private static let place = "/admin/accounts"

    static func list(_ call: Call, _ tx: Transaction) throws -> Reply {
        let page = try People.accountPage(call, tx)
        let organizations = Dictionary(
            try tx.organizations(Array(Set(page.items.map(\.0.organization)))).map { ($0.id, $0) },
            uniquingKeysWith: { a, _ in a })
        let first = try FirstSteps.card(call, tx)
        let add = HTML.when(
            Parts.mayWrite(call),
            Parts.link(place + "/new", call.t("people.account.new"), .plus, primary: first.isEmpty))
        let roles = Role.allCases.map { ($0.rawValue, Parts.role($0, call)) }
        let states = [("active", call.t("people.active")), ("disabled", call.t("people.inactive"))]
        let filters =
            Parts.filter(call, "role", call.t("people.f.role"), roles)
            + Parts.filter(call, "state", call.t("people.f.state"), states)
        let columns = ["name", "login", "organization_id", "role", "state"].map { call.t("people.f." + $0) }
        let rows = page.items.html { a, posts in
            let organization = organizations[a.organization]
            let held = Roles(posts.filter { $0.isHeld(at: call.now) }.map(\.role)).list
            return """
                <tr><td class="card-title"><span class="who">\(Face.html(a.name(in: call.language), isOutside: organization?.isHouse == false))\
                <a class="title" href="\(place)/\(a.id)">\(a.name(in: call.language))</a></span></td>\
                <td data-label="\(columns[1])"><span class="sn">\(a.login)</span></td>\
                <td data-label="\(columns[2])">\(organization?.name(in: call.language))</td>\
                <td data-label="\(columns[3])">\(held.isEmpty ? "–" : held.map { Parts.role($0, call) }.joined(separator: " · "))</td>\
                <td data-label="\(columns[4])">\(Parts.state(a.isActive, call))\(HTML.when(a.isOnLeave(at: call.now), " <span class=\"tag tag-warn\">\(call.t("people.on_leave"))</span>"))</td></tr>
                """
        }
        let body: HTML =
            page.items.isEmpty
            ? Parts.empty(call.t("people.accounts.none"), call.t("people.accounts.none.hint"))
            : Parts.table(call.t("people.nav.accounts"), columns, rows)
                + Parts.pager(call, next: page.nextCursor)
        return try Layout.page(
            call, tx, title: call.t("people.nav.accounts"), current: place,
            """
            \(Parts.head(call.t("people.nav.accounts"), lead: call.t("people.accounts.lead"), add))\
            \(first)\(Parts.searchBox(call, call.t("people.accounts.search"), filters))\(body)
            """)
    }

    static func new(_ call: Call, _ tx: Transaction) throws -> Reply {
        let form = Form(call)
        let chosen = call.typed("organization_id") ?? call.queryValue("organization")
        let choices = try organizations(including: chosen, call, tx)
        return try Layout.page(
            call, tx, title: call.t("people.account.new"), current: place,
            """
            \(Parts.head(call.t("people.account.new"), lead: call.t("people.account.new.lead"), crumbs: [(place, call.t("people.nav.accounts"))]))\
            \(form.summary)\(form.open(place))\
            \(form.text("login", call.t("people.f.login"), hint: call.t("people.login.hint"), isSerial: true, required: true))\
            \(form.text("name", call.t("people.f.person"), required: true))\
            \(form.text("name_latin", call.t("people.f.name_latin")))\
            \(form.select("organization_id", call.t("people.f.organization_id"), choices, value: chosen, empty: call.t("form.choose")))\
            \(form.text("email", call.t("people.f.email"), type: "email"))\
            \(form.text("phone", call.t("people.f.phone"), type: "tel"))\
            \(form.select("language", call.t("people.f.language"), Parts.languages(call), value: "zh-Hans"))\
            \(form.text("time_zone", call.t("people.f.time_zone"), hint: call.t("people.zone.default")))\
            <div class="row">\(form.submit(call.t("people.account.make")))<a class="btn" href="\(place)">\(call.t("form.cancel"))</a></div></form>
            """)
    }

    static func one(_ call: Call, _ tx: Transaction) throws -> Reply {
        let account = try People.account(of: call, tx)
        let organization = try tx.organization(account.organization)
        let posts = try tx.posts(of: [account.id])
        let form = Form(call)
        let writes = Parts.mayWrite(call)
        let edit: HTML =
            writes
            ? Parts.panel(call.t("people.account.data"), try editForm(account, form, call, tx))
            : Parts.panel(call.t("people.account.data"), facts(account, call))
        return try Layout.page(
            call, tx, title: account.name, current: place,
            """
            \(Parts.head(account.name(in: call.language), lead: organization?.name(in: call.language), crumbs: [(place, call.t("people.nav.accounts"))], Parts.state(account.isActive, call)))\
            \(form.summary)<div class="split-wide"><div class="stack-l">\(edit)\
            \(try Parts.history(of: Subject("account", account.id), call, tx))</div>\
            <aside class="stack-l">\(Parts.panel(call.t("people.posts"), try postList(posts, account, organization, form, writes, call, tx), id: "posts"))\
            \(HTML.when(writes, access(account, call)))</aside></div>
            """)
    }

    /// The link, this once.
    static func resetLink(_ url: String, _ account: Account, _ call: Call, _ tx: Transaction) throws -> Reply
    {
        let hint: HTML = HTML.when(
            url.hasPrefix("/"),
            "<p class=\"banner banner-warn\">\(Icon.alert)<span>\(call.t("people.reset.no_base"))</span></p>")
        return try Layout.page(
            call, tx, title: call.t("people.reset"), current: place,
            """
            \(Parts.head(call.t("people.reset"), lead: call.t("people.reset.lead", ["name": account.name]), crumbs: [(place, call.t("people.nav.accounts")), ("\(place)/\(account.id.text)", account.name)]))\
            \(Parts.panel(call.t("people.reset.link"), "\(hint)<p><code class=\"sn\">\(url)</code></p><p><a class=\"btn\" href=\"\(place)/\(account.id)\">\(call.t("people.reset.done"))</a></p>"))
            """)
    }

    // MARK: Parts

    private static func organizations(including id: String?, _ call: Call, _ tx: Transaction) throws
        -> [(String, String)]
    {
        var all = try People.units(tx)
        all += try tx.organizations(kinds: [.customer, .supplier], limit: 300)
        if let id, !all.contains(where: { $0.id.text == id }), let found = try tx.organization(ID(id)) {
            all.append(found)
        }
        return all.map {
            ($0.id.text, call.t("people.kind.\($0.kind.rawValue)") + " · " + $0.name(in: call.language))
        }
    }

    private static func editForm(_ a: Account, _ form: Form, _ call: Call, _ tx: Transaction) throws -> HTML {
        let choices = try organizations(including: a.organization.text, call, tx)
        return """
            \(form.open("\(place)/\(a.id.text)"))\(Parts.version(a.version))\
            \(form.text("name", call.t("people.f.person"), value: a.name, required: true))\
            \(form.text("name_latin", call.t("people.f.name_latin"), value: a.nameLatin))\
            \(form.select("organization_id", call.t("people.f.organization_id"), choices, value: a.organization.text))\
            \(form.text("email", call.t("people.f.email"), value: a.email, type: "email"))\
            \(form.text("phone", call.t("people.f.phone"), value: a.phone, type: "tel"))\
            \(form.select("language", call.t("people.f.language"), Parts.languages(call), value: a.language.rawValue))\
            \(form.text("time_zone", call.t("people.f.time_zone"), value: a.zone, hint: call.t("people.zone.hint"), required: true))\
            \(form.text("skills", call.t("people.f.skills"), value: a.skills.joined(separator: ", "), hint: call.t("people.commas")))\
            \(form.text("languages", call.t("people.f.languages"), value: a.languages.joined(separator: ", "), hint: call.t("people.commas")))\
            \(form.text("place", call.t("people.f.place"), value: a.place))\
            \(form.moment("leave_from", call.t("people.f.leave_from"), value: Parts.wall(a.leaveFrom, call), width: ""))\
            \(form.moment("leave_to", call.t("people.f.leave_to"), value: Parts.wall(a.leaveTo, call), width: ""))\
            <div class="row">\(form.submit(call.t("form.save")))</div></form>
            """
    }

    private static func facts(_ a: Account, _ call: Call) -> HTML {
        let pairs: [(String, String?)] = [
            ("login", a.login), ("name", a.name), ("name_latin", a.nameLatin), ("email", a.email),
            ("phone", a.phone), ("time_zone", a.zone), ("skills", a.skills.joined(separator: ", ")),
            ("languages", a.languages.joined(separator: ", ")), ("place", a.place),
            ("leave_from", Parts.wall(a.leaveFrom, call)), ("leave_to", Parts.wall(a.leaveTo, call)),
        ]
        return Parts.facts(pairs.map { (call.t("people.f." + $0.0), "\($0.1 ?? "–")") })
    }

    private static func access(_ a: Account, _ call: Call) -> HTML {
        let path = "\(place)/\(a.id.text)"
        return Parts.panel(
            call.t("people.access"),
            """
            <p class="muted small">\(call.t("people.access.hint"))</p><div class="row">\
            \(a.isActive
                ? Parts.button(call, path + "/reset-link", call.t("people.reset.make"), .link)
                    + Parts.button(call, path + "/disabling", call.t("people.disable"), .lock, danger: true)
                : Parts.button(call, path + "/enabling", call.t("people.enable"), .check))</div>
            """)
    }

    private static func postList(
        _ posts: [Post], _ a: Account, _ organization: Organization?, _ form: Form, _ writes: Bool,
        _ call: Call,
        _ tx: Transaction
    ) throws -> HTML {
        let mine = a.id == call.caller?.actor.id
        let list: HTML =
            posts.isEmpty
            ? "<p class=\"muted\">\(call.t("people.no_posts"))</p>"
            : "<ul class=\"stack\">\(posts.html { p in row(p, a, writes && !mine, call) })</ul>"
        guard writes else { return list }
        if mine { return list + "<p class=\"muted small\">\(call.t("error.people.own_posts"))</p>" }
        let kind = organization?.kind ?? .customer
        let roles: [Role] =
            switch kind {
            case .customer: [.customer]
            case .supplier: [.supplier]
            default: Role.allCases.filter { $0 != .customer && $0 != .supplier }
            }
        let isHouse = organization?.isHouse == true
        let units = isHouse ? try People.units(tx).map { ($0.id.text, $0.name(in: call.language)) } : []
        let projects = try tx.projects(customer: isHouse ? nil : a.organization, activeOnly: true, limit: 300)
        let names = Dictionary(projects.map { ($0.id, $0.code) }, uniquingKeysWith: { a, _ in a })
        let sites = isHouse ? try tx.sites(of: projects.map(\.id)) : []
        return """
            \(list)\(form.open("\(place)/\(a.id.text)/posts", class: "stack"))\
            \(form.select("role", call.t("people.f.role"), roles.map { ($0.rawValue, Parts.role($0, call)) }, empty: call.t("form.choose")))\
            \(HTML.when(isHouse, form.select("unit_id", call.t("people.f.unit_id"), units, empty: call.t("people.own_unit"))))\
            \(HTML.when(!projects.isEmpty, form.select("project_id", call.t("people.f.project_id"), projects.map { ($0.id.text, "\($0.code) \($0.name(in: call.language))") }, empty: call.t("people.any_project"))))\
            \(HTML.when(!sites.isEmpty, form.select("site_id", call.t("people.f.site_id"), sites.map { ($0.id.text, "\(names[$0.project] ?? "") \($0.name(in: call.language))") }, empty: call.t("people.any_site"))))\
            \(form.moment("from_at", call.t("people.f.from_at"), hint: call.t("people.from.hint"), width: ""))\
            \(form.moment("to_at", call.t("people.f.to_at"), width: ""))\
            <div class="row"><button class="btn" type="submit">\(Icon.plus)\(call.t("people.post.give"))</button></div></form>
            """
    }

    private static func row(_ p: Post, _ a: Account, _ writes: Bool, _ call: Call) -> HTML {
        let places = [p.unitName, p.projectName, p.siteName].compactMap { $0 }.joined(separator: " · ")
        let ended = p.to.map { $0 <= call.now } ?? false
        return """
            <li class="row"><span><strong>\(Parts.role(p.role, call))</strong>\(places.isEmpty ? "" as HTML : " <span class=\"muted\">\(places)</span>")<br>\
            <span class="muted small">\(Times(call).short(p.from)) – \(p.to.map { Times(call).short($0) } ?? "" as HTML)</span></span>\
            <span class="row-end">\(ended
                ? "<span class=\"tag\">\(call.t("people.ended"))</span>" as HTML
                : HTML.when(writes, Parts.button(call, "\(place)/\(a.id.text)/posts/\(p.id.text)/ending", call.t("people.post.end"))))</span></li>
            """
    }
}
