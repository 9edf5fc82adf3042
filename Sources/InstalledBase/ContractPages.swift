import Base
import People
import ServiceLevels
import Store
import Web

/// Pages of contracts.
enum ContractPages {
    static let place = "/contracts"

    static func routes(_ routes: inout Routes) {
        routes.page(place, list)
        routes.page(place + "/new", new)
        routes.page(place + "/{id}", one)
        routes.form(place, again: new) { call, tx in
            try InstalledAccess.requireReader(tx)
            try InstalledAccess.requireKeeper(tx)
            let made = try InstalledBase.add(call.input(NewContract.self), tx)
            return .redirect("\(place)/\(made.id.text)?done=saved")
        }
        routes.form(place + "/{id}", again: one, InstalledBase.changeContract)
    }

    private static func state(_ c: Contract, on today: Int, _ call: Call) -> HTML {
        if c.isInForce(on: today) {
            return "<span class=\"tag tag-ok\">\(Icon.check)\(call.t("contract.in_force"))</span>"
        }
        return
            "<span class=\"tag\">\(call.t(c.until < today ? "contract.ended" : "contract.not_begun"))</span>"
    }

    static func kinds(_ kinds: [ServiceKind], _ call: Call) -> String {
        kinds.isEmpty ? "–" : kinds.map { call.t("service.kind.\($0.rawValue)") }.joined(separator: " · ")
    }

    /// Two days that may stand on two lines where there is no room.
    static func period(_ c: Contract) -> HTML {
        "<span><span class=\"num\">\(InstalledParts.day(c.from))</span> – <span class=\"num\">\(InstalledParts.day(c.until))</span></span>"
    }

    private static func columns(_ call: Call) -> [String] {
        ["number", "name", "customer_id", "period", "included", "state"].map { InstalledParts.f($0, call) }
    }

    static func list(_ call: Call, _ tx: Transaction) throws -> Reply {
        let page = try InstalledBase.contractPage(call, tx)
        let today = try InstalledBase.today(tx)
        let customers = try People.organizationNames(of: page.items.map(\.customer), tx)
        let c = columns(call)
        let title = call.t("contracts.title")
        let rows = page.items.html { x in
            """
            <tr><td class="card-title"><a class="title sn" href="\(place)/\(x.id)">\(x.number)</a></td>\
            <td data-label="\(c[1])">\(x.name(in: call.language))</td><td data-label="\(c[2])">\(customers[x.customer])</td>\
            <td data-label="\(c[3])">\(period(x))</td><td data-label="\(c[4])">\(kinds(x.included, call))</td>\
            <td data-label="\(c[5])">\(state(x, on: today, call))</td></tr>
            """
        }
        let add = HTML.when(
            InstalledAccess.keeps(tx.actor),
            Parts.link(place + "/new", call.t("contract.new"), .plus, primary: true))
        let current: HTML = """
            <label class="check"><input type="checkbox" name="in_force" value="1"\(HTML.when(call.queryValue("in_force") == "1", " checked"))>\
            <span>\(call.t("contracts.current"))</span></label>
            """
        let body: HTML =
            page.items.isEmpty
            ? Parts.empty(call.t("contracts.none"), call.t("contracts.none.hint"))
            : Parts.table(title, c, rows) + Parts.pager(call, next: page.nextCursor)
        return try Layout.page(
            call, tx, title: title, current: place,
            """
            \(Parts.head(title, lead: call.t("contracts.lead"), add))\
            \(Parts.searchBox(call, call.t("contracts.search"), current))\(body)
            """)
    }

    // MARK: Forms

    private static func boxes(_ name: String, _ chosen: [ServiceKind], _ call: Call) -> HTML {
        let fault: HTML =
            call.fault(name).map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" } ?? ""
        return """
            <fieldset class="stack\(fault.isEmpty ? "" : " field-error")" id="f-\(name)"><legend class="label">\(InstalledParts.f(name, call))</legend>\(fault)\
            <input type="hidden" name="\(name)" value=""><div class="two">\(ServiceKind.allCases.html { kind in
                let field = "\(name).\(kind.rawValue)"
                let on = call.failure == nil ? chosen.contains(kind) : call.typed(field) != nil
                return """
                    <label class="check"><input type="checkbox" name="\(field)" value="1"\(HTML.when(on, " checked"))>\
                    <span>\(call.t("service.kind.\(kind.rawValue)"))</span></label>
                    """
            })</div></fieldset>
            """
    }

    private static func fields(_ form: Form, _ c: Contract?, _ call: Call, _ tx: Transaction) throws -> HTML {
        let customer = c?.customer.text ?? call.typed("customer_id") ?? call.queryValue("customer")
        let projects = try People.allPlaces(tx).map(\.0).filter {
            customer == nil || customer == "" || $0.customer.text == customer
        }
        let policies = try policies(call, tx)
        let serials = try (c?.units ?? []).compactMap { try tx.visibleUnit($0)?.title }
        return """
            \(form.text("name", InstalledParts.f("name", call), value: c?.name, required: true))\
            \(form.text("name_en", InstalledParts.f("name_en", call), value: c?.nameEn))\
            \(form.select("project_id", InstalledParts.f("project_id", call), projects.map { ($0.id.text, "\($0.code) \($0.name(in: call.language))") }, value: c?.project?.text, empty: "–"))\
            \(form.select("policy_id", InstalledParts.f("policy_id", call), policies, value: c?.policy, empty: call.t("contract.policy.closest")))\
            <div class="two">\(InstalledParts.date(form, "from_on", c?.from, call, required: true))\(InstalledParts.date(form, "until_on", c?.until, call, required: true))</div>\
            \(boxes("included", c?.included ?? [], call))\(boxes("charged", c?.charged ?? [], call))\
            \(form.area("unit_ids", InstalledParts.f("unit_ids", call), value: serials.joined(separator: ", "), hint: call.t("contract.units.hint"), rows: 2))\
            \(form.area("note", InstalledParts.f("note", call), value: c?.note, rows: 3))
            """
    }

    private static func policies(_ call: Call, _ tx: Transaction) throws -> [(String, String)] {
        var names: [String: String] = [:]
        for policy in try ServiceLevels.book(tx).policies {
            names[policy.id] = policy.label.text(in: call.language, key: policy.id)
        }
        return names.sorted { $0.value < $1.value }.map { ($0.key, $0.value) }
    }

    static func new(_ call: Call, _ tx: Transaction) throws -> Reply {
        try InstalledAccess.requireReader(tx)
        try InstalledAccess.requireKeeper(tx)
        let form = Form(call)
        let customers = try People.customers(tx, limit: 1000).map { ($0.id.text, $0.name(in: call.language)) }
        let title = call.t("contract.new")
        return try Layout.page(
            call, tx, title: title, current: place,
            """
            \(Parts.head(title, crumbs: [(place, call.t("contracts.title"))]))\(form.summary)\(form.open(place))\
            \(form.text("number", InstalledParts.f("number", call), width: "w-m", isSerial: true, required: true))\
            \(form.select("customer_id", InstalledParts.f("customer_id", call), customers, value: call.queryValue("customer"), empty: call.t("form.choose")))\
            \(try fields(form, nil, call, tx))\
            <div class="row">\(form.submit(call.t("form.save")))<a class="btn" href="\(place)">\(call.t("form.cancel"))</a></div></form>
            """)
    }

    static func one(_ call: Call, _ tx: Transaction) throws -> Reply {
        let c = try tx.contract(call.id())
        let form = Form(call)
        let writes = InstalledAccess.keeps(tx.actor)
        let today = try InstalledBase.today(tx)
        let customer = try People.organization(c.customer, tx)?.name(in: call.language) ?? "–"
        let project = try c.project.flatMap { try People.project($0, tx)?.name(in: call.language) }
        let policy = try policies(call, tx).first { $0.0 == c.policy }?.1
        let filter =
            c.units.isEmpty
            ? c.project.map { UnitFilter(project: $0) } ?? UnitFilter(customer: c.customer) : nil
        let named = try c.units.compactMap { try tx.visibleUnit($0) }
        let units = try filter.map { try tx.productUnits($0, limit: 100) } ?? named
        let products = try tx.products(units.map(\.product))
        let places = try InstalledParts.Places(units, tx)
        let all = c.units.isEmpty ? "contract.units.all." + (c.project == nil ? "customer" : "project") : nil
        let list: HTML = """
            \(all.map { "<p class=\"muted\">\(call.t($0))</p>" } ?? "" as HTML)\
            <ul class="stack">\(units.html { u in
                """
                <li class="line">\(Icon.dish)<span><a class="sn" href="/product-units/\(u.id)">\(u.title)</a> \(products[u.product]?.title(in: call.language))<br>\
                <span class="muted small">\(places.place(u))</span></span></li>
                """
            })</ul>
            """
        let facts = Parts.facts([
            (InstalledParts.f("customer_id", call), "\(customer)"),
            (InstalledParts.f("project_id", call), "\(project ?? "–")"),
            (InstalledParts.f("period", call), period(c)),
            (InstalledParts.f("policy_id", call), "\(policy ?? call.t("contract.policy.closest"))"),
            (InstalledParts.f("included", call), "\(kinds(c.included, call))"),
            (InstalledParts.f("charged", call), "\(kinds(c.charged, call))"),
            (InstalledParts.f("note", call), HTML.prose(c.note ?? "–")),
        ])
        let inputs = writes ? try fields(form, c, call, tx) : ""
        let edit = HTML.when(
            writes,
            InstalledParts.fold(
                call.t("unit.edit"), isOpen: call.failure != nil,
                """
                \(form.open("\(place)/\(c.id.text)"))\(Parts.version(c.version))\(inputs)\
                <div class="row">\(form.submit(call.t("form.save")))</div></form>
                """))
        let history =
            tx.actor.isStaff
            ? try Parts.history(of: Subject("contract", c.id), fields: InstalledParts.fields, call, tx) : ""
        return try Layout.page(
            call, tx, title: c.number, current: place,
            """
            \(Parts.head(c.name(in: call.language), lead: "\(c.number) · \(customer)", crumbs: [(place, call.t("contracts.title"))], state(c, on: today, call)))\
            \(form.summary)<div class="split-wide"><div class="stack-l">\(Parts.panel(call.t("contract.data"), facts + edit))\(history)</div>\
            <aside class="stack-l">\(Parts.panel(call.t("contract.units"), list))</aside></div>
            """)
    }
}
