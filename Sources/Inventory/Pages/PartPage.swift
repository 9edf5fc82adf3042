import Base
import People
import Store
import Web

/// One part: what it is, where it lies, how it moved.
enum PartPage {
    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let part = try Inventory.part(of: call, tx)
        let isKeeper = tx.actor.has(.keeper)
        let held = try Inventory.stockPage(
            StockListQuery(part: part.id, limit: 200), knowing: [part.id: part], call, tx)
        let rows = held.items
        // All of it, where the page holds all.
        let onHand =
            held.nextCursor == nil ? rows.reduce(0 as Int64) { $0 &+ $1.balance.onHand } : nil
        var table = try StockTable(rows, call, tx)
        table.showsPart = false
        let name = part.name(in: call.language)
        let actions: HTML = """
            \(Parts.state(part.isActive, call))\(Parts.link("/stock/parts/\(part.id.text)/label", call.t("stock.label"), .print))\
            \(HTML.when(!StockDraftForm.kinds(tx.actor).isEmpty, Parts.link("/stock/documents/new?part=\(part.id.text)", call.t("stock.documents.new"), .swap)))\
            \(HTML.when(tx.actor.hasAny(Inventory.reservers), Parts.link("/stock/reservations/new?part=\(part.number)", call.t("stock.reserve"), .clock)))
            """
        let lies: HTML = rows.isEmpty ? "<p class=\"muted\">\(call.t("stock.lies.none"))</p>" : table.html
        let isRefused = call.failure != nil && !call.path.hasSuffix("/concession")
        let edit: HTML =
            isKeeper
            ? """
            <details class="fold panel panel-body"\(HTML.when(isRefused, " open"))><summary>\(Icon.edit)\(call.t("stock.part.edit"))</summary>\
            \(try PartForm(call, part, tx).html("/stock/parts/\(part.id.text)", cancel: "/stock/parts/\(part.id.text)", tx))</details>
            """ : ""
        return try Layout.page(
            call, tx, title: part.number, current: "/stock/parts",
            """
            \(Parts.head(name, lead: part.number, crumbs: [("/stock/parts", call.t("stock.parts"))], actions))\
            \(Form(call).summary)<div class="split-wide"><div class="stack-l">\(Parts.panel(call.t("stock.lies"), lies))\
            \(Parts.panel(call.t("stock.movements"), try movements(part, onHand, table.names, call, tx), id: "movements", export(part, call)))\(edit)</div>\
            <aside class="stack-l">\(Parts.panel(call.t("stock.facts"), try facts(part, call, tx)))\
            \(try minimums(part, table.names, call, tx))\(try batches(part, call, tx))\(try Parts.history(of: Subject("part", part.id), call, tx))</aside></div>
            """)
    }

    private static func export(_ part: Part, _ call: Call) -> HTML {
        ["csv", "xlsx"].html { format in
            """
            <a class="btn btn-quiet btn-s" href="/stock/movements/export.\(format)?part=\(part.id)" download aria-label="\(call.t("stock.export.movements", ["format": format.uppercased()]))">\(Icon.download)\(format.uppercased())</a>
            """
        }
    }

    private static func facts(_ part: Part, _ call: Call, _ tx: Transaction) throws -> HTML {
        var out: [(String, HTML)] = []
        func add(_ key: String, _ value: HTML) { out.append((call.t("stock.f.\(key)"), value)) }
        add("part_number", "<span class=\"sn\">\(part.number)</span>")
        add("unit", "\(StockWords.unit(part, call))")
        add("tracking", "\(call.t("stock.tracking.\(part.tracking.rawValue)"))")
        add("abc", "\(part.abc.rawValue)")
        if let months = part.shelfLifeMonths { add("shelf_life_months", "\(months)") }
        if let days = part.leadTimeDays { add("lead_time_days", "\(days)") }
        if StockAccess.seesValues(tx.actor), let price = part.priceMinor {
            add("price", "\(Money.text(price, try Settings.currency(tx)))")
        }
        if let id = part.supplier, let name = try People.organizationNames(of: [id], tx)[id] {
            add("supplier_id", "\(name)")
        }
        func link(_ p: Part) -> HTML {
            "<a href=\"/stock/parts/\(p.id)\"><span class=\"sn\">\(p.number)</span> \(p.name(in: call.language))</a>"
        }
        if let next = try part.supersededBy.flatMap({ try tx.part($0.text) }) {
            add("superseded_by", link(next))
        }
        let before = try tx.parts(["p.superseded_by = \(part.id)"], after: nil, limit: 20)
        if !before.isEmpty { add("supersedes", before.html { "\(link($0))<br>" }) }
        let products = try tx.products(fitting: part.id)
        if !products.isEmpty {
            let isEnglish = call.language == .english
            add(
                "fits",
                products.html { p in
                    "<span class=\"sn\">\(p.code)</span> \(isEnglish ? p.nameEn ?? p.name : p.name)<br>"
                })
        }
        let components = try tx.components(part.id)
        if !components.isEmpty {
            let parts = try tx.parts(components.map(\.part))
            add(
                "components",
                components.html { c in
                    "\(parts[c.part].map(link) ?? "") × \(c.quantity)<br>"
                })
        }
        return Parts.facts(out)
    }

    private static func minimums(_ part: Part, _ known: StockNames, _ call: Call, _ tx: Transaction) throws
        -> HTML
    {
        let all = try tx.minimums([part.id])[part.id] ?? []
        if all.isEmpty { return "" }
        var names = known
        try names.read(places: all.map(\.place), tx)
        let rows = all.html { m in
            """
            <tr><td class="card-title">\(names.placeLink(m.place))</td><td class="n" data-label="\(call.t("stock.f.minimum"))">\(StockWords.quantity(m.minimum))</td>\
            <td class="n" data-label="\(call.t("stock.f.target"))">\(StockWords.quantity(m.target))</td></tr>
            """
        }
        return Parts.panel(
            call.t("stock.minimums"),
            Parts.table(
                call.t("stock.minimums"), ["place", "minimum", "target"].map { call.t("stock.f.\($0)") },
                numbers: [1, 2], rows))
    }

    private static func batches(_ part: Part, _ call: Call, _ tx: Transaction) throws -> HTML {
        let all = try tx.batches([part.id])
        if all.isEmpty { return "" }
        let today = call.zone.wall(call.now).dayNumber
        let items = all.html { b in
            let isOver = b.expiresOn.map { $0 < today } ?? false
            let day: HTML =
                StockWords.day(b.expiresOn).map {
                    "<span class=\"small\(isOver ? " bad" : " muted")\">\(call.t(isOver ? "stock.expired_on" : "stock.expires_on", ["day": $0]))</span>"
                } ?? ""
            let granted: HTML =
                StockWords.day(b.concessionUntil).map {
                    "<br><span class=\"small\">\(call.t("stock.concession", ["day": $0])) · \(b.concessionReason)</span>"
                } ?? ""
            let label = "/stock/parts/\(part.id.text)/label?batch=\(FormBody.encode(b.batch))"
            return """
                <li><span><span class="sn strong">\(b.batch)</span> \(day)\(granted)</span>\
                <a class="btn btn-quiet btn-icon" href="\(label)" aria-label="\(call.t("stock.label.of", ["name": b.batch]))">\(Icon.print)</a>\
                \(HTML.when(tx.actor.has(.quality) && b.expiresOn != nil, concession(b, call)))</li>
                """
        }
        return Parts.panel(call.t("stock.batches"), "<ul class=\"lines\">\(items)</ul>")
    }

    private static func concession(_ b: StockBatch, _ call: Call) -> HTML {
        let f = Form(call, scope: b.batch)
        let path = "/stock/parts/\(b.part.text)/concession"
        return """
            <details class="fold line-fields"><summary>\(call.t("stock.concede"))</summary>\(f.open(path, class: "stack"))\(f.hidden("batch", b.batch))\
            \(f.text("until", call.t("stock.f.until"), type: "date", required: true))\(f.area("reason", call.t("form.reason"), rows: 2, required: true))\
            <div>\(f.submit(call.t("stock.concede")))</div></form></details>
            """
    }

    // MARK: Movements

    private struct LedgerQuery: Command {
        var paging: Paging
        init(_ read: inout FieldReader) { paging = Paging(&read) }
    }

    /// The newest first, each with what was on hand after it. The balance is carried from page to page in
    /// the cursor: nothing is summed over the whole history.
    /// - Parameter onHand: all that is there of it, where it is known already
    private static func movements(
        _ part: Part, _ onHand: Int64?, _ known: StockNames, _ given: Call, _ tx: Transaction
    ) throws -> HTML {
        var call = given
        call.path = "/stock/parts/\(part.id.text)"
        let paging = call.method == "GET" ? try call.filter(LedgerQuery.self).paging : Paging()
        let list = Listing("ledger", paging, narrowedBy: [part.id.text], call)
        var after: SQL = "1 = 1"
        var balance: Int64
        if let k = try list.after(3) {
            after = "(m.posting, m.number) < (\(Int64(k[0]) ?? 0), \(Int64(k[1]) ?? 0))"
            balance = Int64(k[2]) ?? 0
        } else {
            balance =
                try onHand
                ?? tx.int("select coalesce(sum(on_hand), 0) from stock_balance where part_id = \(part.id)")
        }
        func change(_ m: StockMovement) -> Int64 {
            func held(_ side: StockSide) -> Int64 { StockPlace.isHeld(side.place) ? m.quantity : 0 }
            return held(m.to) - held(m.from)
        }
        let found = try tx.rows(
            """
            \(Transaction.movementColumns) where m.part_id = \(part.id) and \(after)
            order by m.posting desc, m.number desc limit \(list.asked)
            """, Transaction.movement
        ).map { m in
            defer { balance -= change(m) }
            return (movement: m, balance: balance)
        }
        if found.isEmpty { return "<p class=\"muted\">\(call.t("stock.movements.none"))</p>" }
        let page = list.page(found) {
            [
                String($0.movement.posting), String($0.movement.number),
                String($0.balance - change($0.movement)),
            ]
        }
        let shown = page.items.map(\.movement)
        var names = known
        try names.read(places: shown.flatMap { [$0.from.place, $0.to.place] }, tx)
        let numbers = try tx.stockNumbers(shown.map(\.document))
        let currency = StockAccess.seesValues(tx.actor) ? try Settings.currency(tx) : nil
        var columns = ["at", "document", "quantity", "balance", "from", "to", "batch_serial"]
        if currency != nil { columns.append("value") }
        let rows = page.items.html {
            row($0.movement, change($0.movement), $0.balance, names, numbers, currency, call)
        }
        return Parts.table(
            call.t("stock.movements"), columns.map { call.t("stock.f.\($0)") },
            numbers: StockWords.numbers(columns), rows) + Parts.pager(call, next: page.nextCursor)
    }

    private static func row(
        _ m: StockMovement, _ delta: Int64, _ balance: Int64, _ names: StockNames,
        _ numbers: [StockDocumentID: String], _ currency: String?, _ call: Call
    ) -> HTML {
        func t(_ key: String) -> String { call.t("stock.f.\(key)") }
        let number = numbers[m.document] ?? "–"
        let sign = delta > 0 ? "+" : delta < 0 ? "−" : "↔ "
        let style = delta > 0 ? " class=\"ok\"" as HTML : ""
        return """
            <tr><td data-label="\(t("at"))">\(Times(call).short(m.at))</td><td class="card-title"><a class="sn" href="/stock/documents/\(number)">\(number)</a></td>\
            <td class="n" data-label="\(t("quantity"))"><span\(style)>\(sign)\(StockWords.quantity(m.quantity))</span></td>\
            <td class="n" data-label="\(t("balance"))"><strong>\(StockWords.quantity(balance))</strong></td>\
            <td data-label="\(t("from"))">\(names.place(m.from.place))</td><td data-label="\(t("to"))">\(names.place(m.to.place))</td>\
            <td data-label="\(t("batch_serial"))">\(names.mark(batch: m.batch, serial: m.serial))</td>\
            \(currency.map { "<td class=\"n\" data-label=\"\(t("value"))\">\(Money.text(m.valueMinor, $0))</td>" } ?? "" as HTML)</tr>
            """
    }
}

extension Transaction {
    /// Numbers of documents by id.
    func stockNumbers(_ ids: [StockDocumentID]) throws -> [StockDocumentID: String] {
        if ids.isEmpty { return [:] }
        var out: [StockDocumentID: String] = [:]
        try each("select id, number from stock_document where id in \(list: Set(ids).sorted().map(\.text))") {
            r in
            let id: StockDocumentID = r.id()
            out[id] = r.text()
        }
        return out
    }
}
