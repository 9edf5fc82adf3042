import Base
import People
import Store
import Web

/// The catalogue of parts.
enum PartPages {
    static func list(_ call: Call, _ tx: Transaction) throws -> Reply {
        let query = try call.filter(CatalogueQuery.self)
        let found = try Inventory.partPage(query, call, tx)
        let onHand = try tx.onHand(of: found.items.map(\.id))
        let title = call.t("stock.parts")
        let add = HTML.when(
            tx.actor.has(.keeper),
            Parts.link("/stock/parts/new", call.t("stock.part.new"), .plus, primary: true))
        let fields = ["part", "tracking", "abc", "on_hand", "available", "state"]
        let rows = found.items.html { p in
            let n = onHand[p.id] ?? (0, 0)
            return """
                <tr data-part="\(p.number)" data-name="\(p.name(in: call.language))" data-available="\(StockWords.quantity(n.1))"><td class="card-title"><a class="title" href="/stock/parts/\(p.id)">\(p.name(in: call.language))</a><br><span class="sn muted">\(p.number)</span></td>\
                <td data-label="\(call.t("stock.f.tracking"))">\(call.t("stock.tracking.\(p.tracking.rawValue)"))</td><td data-label="\(call.t("stock.f.abc"))">\(p.abc.rawValue)</td>\
                <td class="n" data-label="\(call.t("stock.f.on_hand"))">\(StockWords.quantity(n.0))</td>\
                <td class="n" data-label="\(call.t("stock.f.available"))"><span><strong>\(StockWords.quantity(n.1))</strong> \(StockWords.unit(p, call))</span></td>\
                <td data-label="\(call.t("stock.f.state"))">\(Parts.state(p.isActive, call))</td></tr>
                """
        }
        let body: HTML =
            found.items.isEmpty
            ? Parts.empty(
                call.t(query.q == nil ? "stock.parts.none" : "stock.none.filter"),
                call.t(query.q == nil ? "stock.parts.none.hint" : "stock.none.filter.hint"))
            : Parts.table(
                title, fields.map { call.t("stock.f.\($0)") }, numbers: StockWords.numbers(fields), rows)
                + Parts.pager(call, next: found.nextCursor)
        return try Layout.page(
            call, tx, title: title, current: "/stock/parts",
            """
            \(Parts.head(title, lead: call.t("stock.parts.lead"), add))\
            \(Parts.searchBox(call, call.t("stock.parts.search")))\(body)
            """)
    }

    static func new(_ call: Call, _ tx: Transaction) throws -> Reply {
        let title = call.t("stock.part.new")
        let form = try PartForm(call, nil, tx)
        return try Layout.page(
            call, tx, title: title, current: "/stock/parts",
            """
            \(Parts.head(title, crumbs: [("/stock/parts", call.t("stock.parts"))]))\(form.form.summary)\
            \(try form.html("/stock/parts", cancel: "/stock/parts", tx))
            """)
    }
}

/// The fields of a part.
struct PartForm {
    let call: Call
    let form: Form
    private let part: Part?
    private let currency: String

    init(_ call: Call, _ part: Part?, _ tx: Transaction) throws {
        self.call = call
        self.part = part
        form = Form(call)
        currency = try Settings.currency(tx)
    }

    func html(_ action: String, cancel: String, _ tx: Transaction) throws -> HTML {
        func t(_ key: String) -> String { call.t("stock.f.\(key)") }
        let fits = try part.map { try tx.products(fitting: $0.id) } ?? []
        let next = try part?.supersededBy.flatMap { try tx.part($0.text) }
        let minimums = try part.map { try tx.minimums([$0.id])[$0.id] ?? [] } ?? []
        let places = try PlaceChoice(tx)
        let rows = (0..<min(minimums.count + 2, 40)).html { i in
            let old = i < minimums.count ? minimums[i] : nil
            let start = "minimums.\(i)."
            return """
                <div class="line-fields">\(form.select(start + "place_id", t("place"), places.options(call), value: old?.place.text, empty: "–", optional: false))\
                \(form.text(start + "minimum", t("minimum"), value: old.map { String($0.minimum) }, optional: false, inputMode: "numeric"))\
                \(form.text(start + "target", t("target"), value: old.map { String($0.target) }, optional: false, inputMode: "numeric"))</div>
                """
        }
        return """
            \(form.open(action))\(part.map { Parts.version($0.version) })\
            \((call.typed("then") ?? call.queryValue("then")).map { form.hidden("then", $0) } ?? "" as HTML)\
            \(form.text("number", t("part_number"), value: part?.number ?? call.queryValue("number"), isSerial: true, required: true))\
            \(form.text("name", t("name"), value: part?.name, required: true))\
            \(form.text("name_en", t("name_en"), value: part?.nameEn))\
            \(form.text("unit", t("unit"), value: part?.unit ?? "pcs", hint: call.t("stock.unit.hint"), width: "w-s", required: true))\
            \(form.select("tracking", t("tracking"), Part.Tracking.allCases.map { ($0.rawValue, call.t("stock.tracking.\($0.rawValue)")) }, value: part?.tracking.rawValue ?? "none"))\
            \(form.select("abc", t("abc"), Part.ABC.allCases.map { ($0.rawValue, $0.rawValue) }, value: part?.abc.rawValue ?? "C", width: "w-s"))\
            \(form.text("shelf_life_months", t("shelf_life_months"), value: part?.shelfLifeMonths.map(String.init), width: "w-s", inputMode: "numeric"))\
            \(form.text("lead_time_days", t("lead_time_days"), value: part?.leadTimeDays.map(String.init), width: "w-s", inputMode: "numeric"))\
            \(form.text("price", call.t("stock.price", ["currency": currency]), value: part?.priceMinor.map { Money.typed($0, currency) }, width: "w-m", inputMode: "decimal"))\
            \(form.select("supplier_id", t("supplier_id"), try People.suppliers(tx).map { ($0.id.text, $0.name(in: call.language)) }, value: part?.supplier?.text, empty: "–"))\
            \(form.text("superseded_by", t("superseded_by"), value: next?.number, hint: call.t("stock.superseded.hint"), isSerial: true))\
            \(form.text("fits", t("fits"), value: fits.map(\.code).joined(separator: ", "), hint: call.t("stock.fits.hint")))\
            <fieldset class="stack"><legend class="label">\(call.t("stock.minimums"))</legend>\(form.hidden("minimums", "1"))\(rows)</fieldset>\
            \(part == nil ? "" as HTML : form.select("is_active", t("state"), [("1", call.t("people.active")), ("0", call.t("people.inactive"))], value: part?.isActive == false ? "0" : "1", width: "w-m"))\
            <div class="row">\(form.submit(call.t("form.save")))<a class="btn" href="\(cancel)">\(call.t("form.cancel"))</a></div></form>
            """
    }

    /// What was typed as the API would say it: amounts in the smallest unit, parts and products by id.
    static func read(_ call: Call, _ tx: Transaction) throws -> Call {
        guard case .form(let pairs) = call.content else { return call }
        let currency = try Settings.currency(tx)
        var out = call
        out.content = .form(
            try pairs.map { pair in
                switch pair.name {
                case "price":
                    let minor = Money.minor(pair.value, currency).map(String.init)
                    return ("price_minor", pair.value.trimmed.isEmpty ? "" : minor ?? pair.value + "?")
                case "superseded_by":
                    return (pair.name, try tx.part(pair.value)?.id.text ?? pair.value)
                case "fits":
                    let codes = pair.value.split { ",，、;； \n".contains($0) }.map(String.init)
                    let ids = try tx.productIDs(codes)
                    guard ids.count == Set(codes).count else {
                        throw Failure.invalid("fits", "field.no_such")
                    }
                    return (pair.name, ids.joined(separator: ","))
                default: return pair
                }
            })
        return out
    }
}

extension Transaction {
    /// On hand and available of some parts, in the house's real places.
    func onHand(of parts: [PartID]) throws -> [PartID: (Int64, Int64)] {
        if parts.isEmpty { return [:] }
        var out: [PartID: (Int64, Int64)] = [:]
        try each(
            """
            select part_id, sum(on_hand), sum(case when status = 'usable' then on_hand - reserved else 0 end)
            from stock_balance
            where part_id in \(list: parts.map(\.text)) and place_id not in ('place:transit', 'place:loan')
            group by part_id
            """
        ) { r in
            let id: PartID = r.id()
            out[id] = (r.int(), r.int())
        }
        return out
    }

    /// Products that a part fits, by code.
    func products(fitting part: PartID) throws -> [(
        id: String, code: String, name: String, nameEn: String?
    )] {
        try rows(
            """
            select x.id, x.code, x.name, x.name_en from part_fit f join product x on x.id = f.product_id
            where f.part_id = \(part) order by x.code
            """
        ) { ($0.text(), $0.text(), $0.text(), $0.textOrNil()) }
    }

    func productIDs(_ codes: [String]) throws -> [String] {
        if codes.isEmpty { return [] }
        return try rows("select id from product where code in \(list: codes) order by code") { $0.text() }
    }
}
