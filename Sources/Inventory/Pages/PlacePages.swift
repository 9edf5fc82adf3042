import Base
import People
import Store
import Web

/// Where stock lies.
enum PlacePages {
    static func tree(_ call: Call, _ tx: Transaction) throws -> Reply {
        let all = try PlaceChoice(tx).tree()
        let sums = try tx.partsLying(all.map(\.place.id))
        let keepers = try People.names(of: all.compactMap(\.place.keeper), tx)
        let sites = try People.sites(of: all.compactMap(\.place.site), tx)
        let fields = ["place", "kind", "site", "keeper", "parts_lying"]
        let rows = all.html { place, depth in
            // Depth is said by a mark before the name: no style attribute may say it.
            let indent = depth == 0 ? "" : String(repeating: "\u{2003}", count: depth - 1) + "└ "
            return """
                <tr><td class="card-title"><span class="muted" aria-hidden="true">\(indent)</span><a class="title" href="/stock/places/\(place.id)">\(place.name(in: call.language))</a></td>\
                <td data-label="\(call.t("stock.f.kind"))">\(call.t("stock.place.\(place.kind.rawValue)"))</td>\
                <td data-label="\(call.t("stock.f.site"))">\(place.site.flatMap { sites[$0]?.name(in: call.language) } ?? "–")</td>\
                <td data-label="\(call.t("stock.f.keeper"))">\(place.keeper.flatMap { keepers[$0] } ?? "–")</td>\
                <td class="n" data-label="\(call.t("stock.f.parts_lying"))">\(sums[place.id] ?? 0)</td></tr>
                """
        }
        let title = call.t("stock.places")
        let add = HTML.when(
            tx.actor.has(.keeper),
            Parts.link("/stock/places/new", call.t("stock.place.new"), .plus, primary: true))
        let body: HTML =
            all.isEmpty
            ? Parts.empty(call.t("stock.places.none"), call.t("stock.places.none.hint"))
            : Parts.table(
                title, fields.map { call.t("stock.f.\($0)") }, numbers: StockWords.numbers(fields), rows)
        return try Layout.page(
            call, tx, title: title, current: "/stock/places",
            "\(Parts.head(title, lead: call.t("stock.places.lead"), add))\(body)")
    }

    static func new(_ call: Call, _ tx: Transaction) throws -> Reply {
        let title = call.t("stock.place.new")
        return try Layout.page(
            call, tx, title: title, current: "/stock/places",
            """
            \(Parts.head(title, crumbs: [("/stock/places", call.t("stock.places"))]))\(Form(call).summary)\
            \(try form(nil, "/stock/places", call, tx))
            """)
    }

    private static func form(_ place: StockPlace?, _ action: String, _ call: Call, _ tx: Transaction) throws
        -> HTML
    {
        func t(_ key: String) -> String { call.t("stock.f.\(key)") }
        let form = Form(call)
        let kinds = StockWords.places(StockPlace.Kind.allCases.filter { !$0.isVirtual }, call)
        let above = try PlaceChoice(tx).options(call) { $0.id != place?.id }
        let people = try People.people(with: [.keeper, .engineer, .siteLead], tx).map {
            ($0.id.text, call.language == .english ? $0.nameLatin ?? $0.name : $0.name)
        }
        let sites = try tx.siteChoice(call.language)
        return """
            \(form.open(action))\(place.map { Parts.version($0.version) })\
            \(form.text("name", t("name"), value: place?.name, required: true))\(form.text("name_en", t("name_en"), value: place?.nameEn))\
            \(form.select("kind", t("kind"), kinds, value: place?.kind.rawValue, empty: place == nil ? call.t("form.choose") : nil))\
            \(form.select("parent_id", t("parent_id"), above, value: place?.parent?.text ?? call.queryValue("parent"), empty: "–"))\
            \(form.select("site_id", t("site"), sites, value: place?.site?.text, empty: "–"))\
            \(form.select("keeper_id", t("keeper"), people, value: place?.keeper?.text, empty: "–", hint: call.t("stock.keeper.hint")))\
            \(form.zone("time_zone", call.t("people.f.time_zone"), value: place?.zone, hint: call.t("stock.zone.hint")))\
            \(place == nil ? "" as HTML : form.select("is_active", t("state"), [("1", call.t("people.active")), ("0", call.t("people.inactive"))], value: place?.isActive == false ? "0" : "1", width: "w-m"))\
            <div class="row">\(form.submit(call.t("form.save")))<a class="btn" href="/stock/places">\(call.t("form.cancel"))</a></div></form>
            """
    }

    static func one(_ call: Call, _ tx: Transaction) throws -> Reply {
        let place = try Inventory.place(of: call, tx)
        guard !place.kind.isVirtual else { throw Failure.notFound() }
        var query = StockListQuery(place: place.id, limit: 50)
        if call.method == "GET" { query.paging.cursor = call.queryValue("cursor") }
        let found = try Inventory.stockPage(query, call, tx)
        let below = try tx.places(["l.parent_id = \(place.id)"], after: nil, limit: 200)
        var table = try StockTable(found.items, call, tx)
        table.showsPlace = !below.isEmpty
        let frozen = try tx.exists("select 1 from stock_freeze where place_id = \(place.id)")
        let lies: HTML =
            found.items.isEmpty
            ? "<p class=\"muted\">\(call.t("stock.place.empty"))</p>"
            : table.html + Parts.pager(call, next: found.nextCursor)
        let children: HTML =
            below.isEmpty
            ? ""
            : Parts.panel(
                call.t("stock.place.below"),
                "<ul class=\"stack\">\(below.html { "<li><a href=\"/stock/places/\($0.id)\">\($0.name(in: call.language))</a> <span class=\"muted small\">\(call.t("stock.place.\($0.kind.rawValue)"))</span></li>" })</ul>"
            )
        var crumbs = [("/stock/places", call.t("stock.places"))]
        if let above = try place.parent.flatMap({ try tx.place($0) }) {
            crumbs.append(("/stock/places/\(above.id.text)", above.name(in: call.language)))
        }
        let keeper = try place.keeper.flatMap { try People.names(of: [$0], tx)[$0] }
        let site = try place.site.flatMap { try People.sites(of: [$0], tx)[$0]?.name(in: call.language) }
        let facts = Parts.facts([
            (call.t("stock.f.kind"), "\(call.t("stock.place.\(place.kind.rawValue)"))"),
            (call.t("stock.f.keeper"), "\(keeper ?? "–")"), (call.t("stock.f.site"), "\(site ?? "–")"),
            (call.t("people.f.time_zone"), "\(place.zone)"),
        ])
        let edit: HTML =
            tx.actor.has(.keeper)
            ? """
            <details class="fold panel panel-body"\(HTML.when(call.failure != nil, " open"))><summary>\(Icon.edit)\(call.t("stock.place.edit"))</summary>\
            \(try form(place, "/stock/places/\(place.id.text)", call, tx))</details>
            """ : ""
        return try Layout.page(
            call, tx, title: place.name(in: call.language), current: "/stock/places",
            """
            \(Parts.head(place.name(in: call.language), crumbs: crumbs, Parts.state(place.isActive, call) + Parts.link("/stock/places/\(place.id.text)/label", call.t("stock.label"), .print)))\
            \(Form(call).summary)\(HTML.when(frozen, "<p class=\"banner banner-warn\" role=\"status\">\(Icon.lock)<span>\(call.t("stock.place.frozen"))</span></p>"))\
            <div class="split-wide"><div class="stack-l">\(Parts.panel(call.t("stock.lies"), lies))\(edit)</div>\
            <aside class="stack-l">\(Parts.panel(call.t("stock.facts"), facts))\(children)\(try Parts.history(of: Subject("place", place.id), call, tx))</aside></div>
            """)
    }
}

extension Transaction {
    /// Sites in use by name.
    fileprivate func siteChoice(_ language: Language) throws -> [(String, String)] {
        try rows("select id, name, name_en from site where is_active = 1 order by name, id limit 500") { r in
            let id = r.text()
            let name = r.text()
            let english = r.textOrNil()
            return (id, language == .english ? english ?? name : name)
        }
    }

    /// How many parts lie in each of some places.
    fileprivate func partsLying(_ places: [PlaceID]) throws -> [PlaceID: Int] {
        if places.isEmpty { return [:] }
        var out: [PlaceID: Int] = [:]
        try each(
            """
            select place_id, count(distinct part_id) from stock_balance
            where place_id in \(list: places.map(\.text)) and on_hand > 0 group by place_id
            """
        ) { r in
            let id: PlaceID = r.id()
            out[id] = r.count()
        }
        return out
    }
}
