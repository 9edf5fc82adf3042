import Base
import Store
import Web

/// Pages of the catalogue.
enum ProductPages {
    static let place = "/products"

    static func routes(_ routes: inout Routes) {
        routes.page(place, list)
        routes.page(place + "/new", new)
        routes.page(place + "/{id}", one)
        routes.form(place, again: new) { call, tx in
            try InstalledAccess.requireCatalogue(tx)
            try InstalledAccess.requireKeeper(tx)
            let made = try InstalledBase.add(call.input(NewProduct.self), tx)
            return .redirect("\(place)/\(made.id.text)?done=saved")
        }
        routes.form(place + "/{id}", again: one, InstalledBase.changeProduct)
    }

    private static func kind(_ p: Product, _ call: Call) -> String {
        call.t("product.kind.\(p.kind.rawValue)")
    }

    /// The catalogue as a tree; a search gives what it finds.
    static func list(_ call: Call, _ tx: Transaction) throws -> Reply {
        try InstalledAccess.requireCatalogue(tx)
        let title = call.t("products.title")
        let isSearch = !(call.queryValue("q") ?? "").trimmed.isEmpty
        var rows: HTML = ""
        var isEmpty = true
        var next: String?
        if isSearch {
            let page = try InstalledBase.productPage(call, tx)
            rows = page.items.html { row($0, depth: 0, call) }
            isEmpty = page.items.isEmpty
            next = page.nextCursor
        } else {
            // Positions stand on the page of their system: here they would hide the rest.
            let all = try tx.products(limit: 2000).filter { $0.kind != .position }
            isEmpty = all.isEmpty
            rows = tree(all, call)
        }
        let add = HTML.when(
            InstalledAccess.keeps(tx.actor),
            Parts.link(place + "/new", call.t("product.new"), .plus, primary: true))
        let body: HTML =
            isEmpty
            ? Parts.empty(call.t("products.none"), call.t("products.none.hint"), add)
            : Parts.table(title, columns(call), rows) + Parts.pager(call, next: next)
        return try Layout.page(
            call, tx, title: title, current: place,
            """
            \(Parts.head(title, lead: call.t("products.lead"), add))\
            \(Parts.searchBox(call, call.t("products.search")))\(body)
            """)
    }

    private static func tree(_ all: [Product], _ call: Call) -> HTML {
        let below = Dictionary(grouping: all.filter { $0.parent != nil }, by: \.parent)
        let known = Set(all.map(\.id))
        var rows: HTML = ""
        var seen = Set<ProductID>()
        func add(_ p: Product, _ depth: Int) {
            guard seen.insert(p.id).inserted, depth < 32 else { return }
            rows += row(p, depth: depth, call)
            for child in below[p.id] ?? [] { add(child, depth + 1) }
        }
        for root in all where root.parent.map({ !known.contains($0) }) ?? true { add(root, 0) }
        for rest in all { add(rest, 0) }
        return rows
    }

    private static func columns(_ call: Call) -> [String] {
        ["name", "code", "kind", "model"].map { InstalledParts.f($0, call) } + [call.t("product.watch")]
    }

    private static func row(_ p: Product, depth: Int, _ call: Call) -> HTML {
        let c = columns(call)
        let indent = depth == 0 ? "" : String(repeating: "\u{2003}", count: depth - 1) + "└ "
        let off = HTML.when(!p.isActive, " " + Parts.state(false, call))
        return """
            <tr><td class="card-title"><span class="muted" aria-hidden="true">\(indent)</span>\
            <a\(HTML.when(depth == 0, " class=\"title\"")) href="\(place)/\(p.id)">\(p.name(in: call.language))</a>\(off)</td>\
            <td data-label="\(c[1])"><span class="sn">\(p.code)</span></td><td data-label="\(c[2])">\(kind(p, call))</td>\
            <td data-label="\(c[3])">\(p.model ?? "–")</td><td data-label="\(c[4])">\(watch(p, call))</td></tr>
            """
    }

    private static func watch(_ p: Product, _ call: Call) -> String {
        let parts = [
            p.watchedTickets.flatMap { $0 > 0 ? call.t("product.watch.count", ["n": String($0)]) : nil },
            p.watchedUntil.map { call.t("product.watch.until", ["day": InstalledParts.day($0)]) },
        ].compactMap { $0 }
        return parts.isEmpty ? "–" : parts.joined(separator: " · ")
    }

    // MARK: Forms

    private static func fields(_ form: Form, _ p: Product?, _ call: Call) -> HTML {
        func text(_ name: String, _ value: String?, required: Bool = false) -> HTML {
            form.text(name, InstalledParts.f(name, call), value: value, required: required)
        }
        return """
            \(text("name", p?.name, required: true))\(text("name_en", p?.nameEn))\
            <div class="two">\(text("model", p?.model))</div>\
            <fieldset class="stack"><legend class="label">\(call.t("product.watch"))</legend><p class="hint">\(call.t("product.watch.hint"))</p>\
            <div class="two">\(InstalledParts.number(form, "watched_tickets", p?.watchedTickets, call))\
            \(InstalledParts.date(form, "watched_until", p?.watchedUntil, call))</div></fieldset>
            """
    }

    static func new(_ call: Call, _ tx: Transaction) throws -> Reply {
        try InstalledAccess.requireCatalogue(tx)
        try InstalledAccess.requireKeeper(tx)
        let form = Form(call)
        let above = call.typed("parent_id") ?? call.queryValue("parent")
        let parents = try tx.products(activeOnly: true, limit: 2000).filter { $0.kind != .position }
        let parent = parents.first { $0.id.text == above }
        let kinds: [Product.Kind] = parent == nil ? Product.Kind.allCases : [.subsystem, .position]
        let title = call.t("product.new")
        return try Layout.page(
            call, tx, title: title, current: place,
            """
            \(Parts.head(title, crumbs: [(place, call.t("products.title"))]))\(form.summary)\(form.open(place))\
            <div class="two">\(form.select("kind", InstalledParts.f("kind", call), kinds.map { ($0.rawValue, call.t("product.kind.\($0.rawValue)")) }, value: parent?.kind == .subsystem ? "position" : nil))\
            \(form.select("parent_id", InstalledParts.f("parent_id", call), parents.map { ($0.id.text, "\($0.code) \($0.name(in: call.language))") }, value: above, empty: "–"))</div>\
            \(form.text("code", InstalledParts.f("code", call), value: parent.map { $0.code + "." }, isSerial: true, required: true))\
            \(fields(form, nil, call))\
            <div class="row">\(form.submit(call.t("form.save")))<a class="btn" href="\(place)">\(call.t("form.cancel"))</a></div></form>
            """)
    }

    static func one(_ call: Call, _ tx: Transaction) throws -> Reply {
        let p = try InstalledBase.product(of: call, tx)
        let writes = InstalledAccess.keeps(tx.actor)
        let form = Form(call)
        let below = try tx.productsBelow(p.id)
        let crumbs = try [(place, call.t("products.title"))] + trail(p, call, tx)
        let data: HTML =
            writes
            ? """
            \(form.open("\(place)/\(p.id.text)"))\(Parts.version(p.version))\(fields(form, p, call))\
            \(form.select("is_active", InstalledParts.f("state", call), [("1", call.t("people.active")), ("0", call.t("people.inactive"))], value: p.isActive ? "1" : "0"))\
            <div class="row">\(form.submit(call.t("form.save")))</div></form>
            """
            : Parts.facts([
                (InstalledParts.f("model", call), "\(p.model ?? "–")"),
                (InstalledParts.f("name_en", call), "\(p.nameEn ?? "–")"),
                (call.t("product.watch"), "\(watch(p, call))"),
            ])
        let add = HTML.when(
            writes && p.kind != .position,
            Parts.link("\(place)/new?parent=\(p.id.text)", call.t("product.new.below"), .plus))
        let structure: HTML =
            below.count > 1
            ? Parts.table(call.t("product.tree"), columns(call), tree(below.filter { $0.id != p.id }, call))
            : "<p class=\"muted\">–</p>"
        let units = HTML.when(
            p.kind != .position,
            Parts.link("/product-units?product=\(p.id.text)", call.t("product.units"), .dish))
        return try Layout.page(
            call, tx, title: p.name, current: place,
            """
            \(Parts.head(p.title(in: call.language), lead: "\(kind(p, call)) · \(p.code)", crumbs: crumbs, units))\
            \(form.summary)<div class="split-wide"><div class="stack-l">\
            \(HTML.when(p.kind != .position, Parts.panel(call.t("product.tree"), structure, add)))\
            \(try Parts.history(of: Subject("product", p.id), fields: InstalledParts.fields, call, tx))</div>\
            <aside class="stack-l">\(Parts.panel(call.t("product.data"), data))</aside></div>
            """)
    }

    /// What stands above it, the top first.
    private static func trail(_ p: Product, _ call: Call, _ tx: Transaction) throws -> [(String, String)] {
        var out: [(String, String)] = []
        var at = p.parent
        while let id = at, out.count < 32, let above = try tx.product(id) {
            out.insert(("\(place)/\(above.id.text)", above.name(in: call.language)), at: 0)
            at = above.parent
        }
        return out
    }
}
