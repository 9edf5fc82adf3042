import Base
import People
import Spreadsheet
import Store
import Web

/// The list of units, and the forms that make and change one.
enum UnitPages {
    static let place = "/product-units"

    static func routes(_ routes: inout Routes, _ neighbours: InstalledBase.Neighbours) {
        routes.page(place, list)
        routes.page(place + "/new", new)
        routes.page(place + "/{id}") { try UnitPage.show($0, neighbours, $1) }
        routes.page(place + "/{id}/edit", edit)
        routes.form(place, again: new) { call, tx in
            try InstalledAccess.requireReader(tx)
            try InstalledAccess.requireKeeper(tx)
            let made = try InstalledBase.add(call.input(NewProductUnit.self), tx)
            return .redirect("\(place)/\(made.id.text)?done=saved")
        }
        routes.form(place + "/{id}", again: edit, InstalledBase.changeUnit)
        for format in ListExport.Format.allCases {
            routes.free("GET", "\(place)/export.\(format.rawValue)", surface: .page) { call, kit, _ in
                try await UnitExport.reply(format, call, kit)
            }
        }
    }

    static func title(_ call: Call) -> String {
        call.t(call.caller?.actor.isStaff == false ? "units.title.own" : "units.title")
    }

    private static func columns(_ call: Call) -> [String] {
        ["serial", "product_id", "customer_id", "use", "warranty", "operating_hours"].map {
            InstalledParts.f($0, call)
        }
    }

    static func list(_ call: Call, _ tx: Transaction) throws -> Reply {
        let page = try InstalledBase.unitPage(call, tx)
        let units = page.items
        let products = try tx.products(units.map(\.product))
        let verdicts = try InstalledBase.warranties(units, on: InstalledBase.today(tx), tx)
        let places = try InstalledParts.Places(units, tx)
        let c = columns(call)
        let title = title(call)
        let rows = units.html { u in
            """
            <tr><td class="card-title"><a class="title sn" href="\(place)/\(u.id)">\(u.title)</a>\
            \(u.batch.map { b in u.serial.isEmpty ? "" as HTML : " <span class=\"muted small sn\">\(b)</span>" } ?? "" as HTML)</td>\
            <td data-label="\(c[1])">\(products[u.product]?.title(in: call.language))</td>\
            <td data-label="\(c[2])"><span>\(places.customer(u) ?? "–")<br><span class="muted small">\(places.place(u))</span></span></td>\
            <td data-label="\(c[3])">\(InstalledParts.use(u.use, call))</td>\
            <td data-label="\(c[4])"><span>\(verdicts[u.id].map { InstalledParts.warrantyTag($0, call) } ?? "–" as HTML)</span></td>\
            <td class="n" data-label="\(c[5])"><span class="num">\(u.operatingHours.map { "\(Money.grouped($0)) h" } ?? "–")</span></td></tr>
            """
        }
        let isFiltered = call.query.contains {
            !["cursor", "limit", "done"].contains($0.name) && !$0.value.isEmpty
        }
        let add = HTML.when(
            InstalledAccess.keeps(tx.actor),
            Parts.link(place + "/import", call.t("sales.nav"), .file)
                + Parts.link(place + "/new", call.t("unit.new"), .plus, primary: true))
        let exports = HTML.when(
            !units.isEmpty,
            ListExport.Format.allCases.html { format in
                let query = call.rawQuery.isEmpty ? "" : "?" + call.rawQuery
                return
                    "<a class=\"btn\" href=\"\(place)/export.\(format.rawValue)\(query)\" download>\(Icon.download)\(call.t("units.export." + format.rawValue))</a>"
            })
        let body: HTML =
            units.isEmpty
            ? Parts.empty(
                call.t("units.none"), call.t(isFiltered ? "units.none.filtered" : "units.none.hint"))
            : Parts.table(title, c, numbers: [5], rows) + Parts.pager(call, next: page.nextCursor)
        return try Layout.page(
            call, tx, title: title, current: place,
            """
            \(Parts.head(title, lead: call.t("units.lead"), exports + add))\
            \(Parts.searchBox(call, call.t("units.search"), try filters(call, tx)))\(body)
            """)
    }

    private static func filters(_ call: Call, _ tx: Transaction) throws -> HTML {
        var h: HTML = ""
        let uses = ProductUnit.Use.allCases.map { ($0.rawValue, InstalledParts.use($0, call)) }
        if tx.actor.isStaff {
            let systems = try tx.products(kind: .system, limit: 200)
            h += Parts.filter(
                call, "product", InstalledParts.f("product_id", call),
                systems.map { ($0.id.text, $0.title(in: call.language)) })
            if tx.actor.hasAny(InstalledAccess.all) {
                h += Parts.filter(
                    call, "customer", InstalledParts.f("customer_id", call),
                    try People.customers(tx).map { ($0.id.text, $0.name(in: call.language)) })
            }
        }
        h += Parts.filter(call, "use", InstalledParts.f("use", call), uses)
        // What came by a link stays in force.
        for name in ["project", "site", "batch", "serial"] {
            if let value = call.queryValue(name), !value.isEmpty {
                h += "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
            }
        }
        return h
    }

    // MARK: Forms

    private static func fields(_ form: Form, _ u: ProductUnit?, _ call: Call, _ tx: Transaction) throws
        -> HTML
    {
        func f(_ name: String) -> String { InstalledParts.f(name, call) }
        let agreed: HTML =
            InstalledAccess.keeps(tx.actor)
            ? """
            <div class="two">\(form.text("serial", f("serial"), value: u?.serial, width: "", isSerial: true))\
            \(form.text("batch", f("batch"), value: u?.batch, isSerial: true))</div>\
            \(form.select("place", [f("customer_id"), f("project_id"), f("site_id")].joined(separator: " · "), try InstalledParts.placeChoices(tx), value: u.flatMap(InstalledParts.place) ?? call.queryValue("place"), empty: "–"))\
            <div class="two">\(InstalledParts.date(form, "delivered_on", u?.deliveredOn, call))\(InstalledParts.date(form, "accepted_on", u?.acceptedOn, call))\
            \(InstalledParts.date(form, "warranty_from", u?.warrantyFrom, call))\(InstalledParts.date(form, "warranty_until", u?.warrantyUntil, call))\
            \(u == nil ? InstalledParts.number(form, "warranty_months", nil, call) : "" as HTML)\
            \(InstalledParts.number(form, "warranty_hours", u?.warrantyHours, call))</div>
            """ : ""
        let uses = ProductUnit.Use.allCases.map { ($0.rawValue, InstalledParts.use($0, call)) }
        return """
            \(agreed)<div class="two">\(form.select("use", f("use"), uses, value: u?.use.rawValue))\
            \(form.text("software_version", f("software_version"), value: u?.softwareVersion))</div>\
            \(form.area("note", f("note"), value: u?.note, rows: 3))
            """
    }

    static func new(_ call: Call, _ tx: Transaction) throws -> Reply {
        try InstalledAccess.requireReader(tx)
        try InstalledAccess.requireKeeper(tx)
        let form = Form(call)
        let products = try tx.products(activeOnly: true, limit: 2000).filter { $0.kind != .position }
        let title = call.t("unit.new")
        return try Layout.page(
            call, tx, title: title, current: place,
            """
            \(Parts.head(title, crumbs: [(place, self.title(call))]))\(form.summary)\(form.open(place))\
            \(form.select("product_id", InstalledParts.f("product_id", call), products.map { ($0.id.text, "\($0.code) \($0.name(in: call.language))") }, value: call.queryValue("product"), empty: call.t("form.choose")))\
            \(try fields(form, nil, call, tx))\
            <div class="row">\(form.submit(call.t("form.save")))<a class="btn" href="\(place)">\(call.t("form.cancel"))</a></div></form>
            """)
    }

    static func edit(_ call: Call, _ tx: Transaction) throws -> Reply {
        let u = try InstalledBase.unit(of: call, tx)
        try InstalledAccess.requireWorker(tx)
        let form = Form(call)
        let path = "\(place)/\(u.id.text)"
        return try Layout.page(
            call, tx, title: u.title, current: place,
            """
            \(Parts.head(call.t("unit.edit"), lead: u.title, crumbs: [(place, title(call)), (path, u.title)]))\
            \(form.summary)\(form.open(path))\(Parts.version(u.version))\(try fields(form, u, call, tx))\
            <div class="row">\(form.submit(call.t("form.save")))<a class="btn" href="\(path)">\(call.t("form.cancel"))</a></div></form>
            """)
    }
}
