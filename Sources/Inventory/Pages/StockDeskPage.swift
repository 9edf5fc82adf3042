import Base
import People
import Store
import Web

/// Where a keeper and finance begin: what waits for them, what arrives, what runs short or out of date; what
/// the month moved, and which months are open.
enum StockDeskPage {
    static let path = "/stock/today"

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let title = call.t("stock.desk")
        let keeps = !tx.actor.has(.finance) || tx.actor.hasAny(Roles([.keeper, .siteLead]))
        let books = tx.actor.hasAny(Inventory.bookkeepers)
        let main: HTML = """
            \(try waiting(call, tx) ?? Parts.panel(call.t("stock.waiting"), "<p class=\"muted\">\(call.t("stock.waiting.none"))</p>", id: "waiting"))\
            \(keeps ? try arriving(call, tx) : "")\(books ? try turnover(call, tx) : "")
            """
        let aside: HTML = """
            \(keeps ? try below(call, tx) + expiring(call, tx) : "")\(books ? try periods(call, tx) : "")
            """
        let scan = HTML.when(
            !StockDraftForm.kinds(tx.actor).isEmpty,
            Parts.link("/stock", call.t("stock.scan.title"), .scan, primary: true))
        return try Layout.page(
            call, tx, title: title, current: path,
            """
            \(Parts.head(title, lead: call.t("stock.desk.lead"), scan))\
            <div class="split-wide"><div class="stack-l">\(main)</div><aside class="stack-l">\(aside)</aside></div>
            """)
    }

    // MARK: What waits

    /// Everything that waits for the reader, each with what it is worth; nil where nothing does.
    static func waiting(_ call: Call, _ tx: Transaction) throws -> HTML? {
        let all = try StockWaiting(tx)
        if all.isEmpty { return nil }
        var names = StockNames(call)
        try names.read(
            places: all.documents.flatMap { [$0.place] + [$0.toPlace].compactMap { $0 } }
                + all.reservations.map(\.place) + all.checks.map(\.place), tx)
        try names.read(
            parts: all.documents.flatMap { $0.lines.map(\.part) } + all.reservations.map(\.part), tx)
        let people = try People.names(
            of: all.documents.compactMap(\.submittedBy) + all.reservations.compactMap(\.createdBy), tx)
        let currency = StockAccess.seesValues(tx.actor) ? try Settings.currency(tx) : nil
        func line(
            _ path: String, _ icon: Icon, _ number: String, _ what: String, _ about: [String?],
            _ value: Int64?, _ state: HTML
        ) -> HTML {
            let money = currency.flatMap { c in value.map { Money.text($0, c) } }
            return """
                <li class="line">\(icon)<span><a href="\(path)/\(number)"><span class="sn">\(number)</span> \(what)</a> \(state)<br>\
                <span class="small muted">\((about + [money]).compactMap { $0 }.joined(separator: " · "))</span></span></li>
                """
        }
        let lines: HTML = """
            \(all.documents.html { d in
                let parts = d.lines.prefix(2).map { "\(names.part($0.part)) × \(StockWords.quantity($0.quantity))" }
                let more = d.lines.count > 2 ? "…" : nil
                return line(
                    "/stock/documents", .swap, d.number, StockWords.kind(d.kind, call),
                    [names.place(d.place), (parts + [more].compactMap { $0 }).joined(separator: call.comma), d.submittedBy.flatMap { people[$0] }],
                    d.valueMinor, StockWords.state(d, call))
            })\(all.reservations.html { r in
                line(
                    "/stock/reservations", .clock, r.number, call.t("stock.reservation"),
                    [r.priority.rawValue, names.place(r.place), "\(names.part(r.part)) × \(StockWords.quantity(r.quantity))", r.createdBy.flatMap { people[$0] }],
                    nil, ReservationPages.state(r, call))
            })\(all.checks.html { c in
                line(
                    "/stock/checks", .scan, c.number, call.t("stock.check.kind.\(c.kind.rawValue)"),
                    [names.place(c.place)], c.differenceMinor, StockCheckPages.state(c, call))
            })
            """
        return Parts.panel(
            call.t("stock.waiting"), "<ul class=\"stack\">\(lines)</ul>", id: "waiting",
            Parts.link("/stock/documents", call.t("stock.documents")))
    }

    // MARK: For who keeps stock

    private static func empty(_ key: String, _ call: Call) -> HTML {
        "<p class=\"muted\">\(call.t(key))</p>"
    }

    /// What is under way to a place of the house, and what was lent and is due.
    private static func arriving(_ call: Call, _ tx: Transaction) throws -> HTML {
        let today = call.zone.wall(call.now).dayNumber
        let found = try tx.stockDocuments(
            """
            d.state = 'posted' and d.kind in ('transfer', 'shipment', 'loan') and d.reversal_of is null
              and d.reversed_by is null
              and (d.kind <> 'loan' or d.due_on is null or d.due_on <= \(today + 14))
            """, after: nil, limit: 10)
        var names = StockNames(call)
        try names.read(places: found.map { $0.toPlace ?? $0.place }, tx)
        try names.read(owners: found.compactMap { $0.partner?.text }, tx)
        let lines = found.html { d in
            let when: HTML =
                StockUnderWay.day(d, call).map {
                    "<span class=\"small \($0.isLate ? "bad" : "muted")\">\($0.text)</span>"
                } ?? ""
            return """
                <li class="line">\(Icon.truck)<span><a href="/stock/documents/\(d.number)"><span class="sn">\(d.number)</span> \(StockWords.kind(d.kind, call))</a> \(StockWords.state(d, call))<br>\
                <span class="small muted">\(StockUnderWay.whereTo(d, names) ?? names.place(d.place))</span> \(when)</span></li>
                """
        }
        return Parts.panel(
            call.t("stock.arriving"),
            found.isEmpty ? empty("stock.arriving.none", call) : "<ul class=\"stack\">\(lines)</ul>",
            id: "arriving", Parts.link("/stock?view=transit", call.t("stock.view.transit")))
    }

    private static func below(_ call: Call, _ tx: Transaction) throws -> HTML {
        let found = try Inventory.orderProposals(place: nil, after: nil, limit: 8, tx)
        var names = StockNames(call)
        try names.read(places: found.map(\.place), tx)
        let lines = found.html { p in
            """
            <li class="line">\(Icon.alert)<span><a href="/stock/parts/\(p.part.id)">\(p.part.name(in: call.language))</a><br>\
            <span class="small muted">\(names.place(p.place)) · \(call.t("stock.f.available")) \(StockWords.quantity(p.available)) / \(StockWords.quantity(p.minimum)) · \(call.t("stock.f.order")) \(StockWords.quantity(p.quantity))</span></span></li>
            """
        }
        return Parts.panel(
            call.t("stock.view.below"),
            found.isEmpty ? empty("stock.below.none", call) : "<ul class=\"stack\">\(lines)</ul>",
            id: "below",
            Parts.link("/stock?view=below", call.t("stock.all")))
    }

    private static func expiring(_ call: Call, _ tx: Transaction) throws -> HTML {
        var query = StockListQuery(limit: 8)
        query.view = .expiring
        let rows = try Inventory.stockPage(query, call, tx).items
        var names = StockNames(call)
        try names.read(places: rows.map(\.balance.key.place), tx)
        let today = call.zone.wall(call.now).dayNumber
        let lines = rows.html { row in
            let b = row.balance
            let isOver = b.expiresOn.map { $0 < today } ?? false
            let day = StockWords.day(b.expiresOn) ?? ""
            return """
                <li class="line">\(Icon.clock)<span><a href="/stock/parts/\(row.part.id)">\(row.part.name(in: call.language))</a> \(names.mark(batch: b.key.batch, serial: b.key.serial))<br>\
                <span class="small muted">\(names.place(b.key.place)) · \(StockWords.quantity(b.onHand)) \(StockWords.unit(row.part, call))</span> \
                <span class="small \(isOver ? "bad" : "warn")">\(call.t(isOver ? "stock.expired_on" : "stock.expires_on", ["day": day]))</span></span></li>
                """
        }
        return Parts.panel(
            call.t("stock.view.expiring"),
            rows.isEmpty ? empty("stock.expiring.none", call) : "<ul class=\"stack\">\(lines)</ul>",
            id: "expiring", Parts.link("/stock?view=expiring", call.t("stock.all")))
    }

    // MARK: For who keeps the books

    private static func turnover(_ call: Call, _ tx: Transaction) throws -> HTML {
        let (year, month, _) = CivilDate.date(dayNumber: call.zone.wall(call.now).dayNumber)
        let name = StockPeriod.name(year * 100 + month)
        let currency = try Settings.currency(tx)
        let found = try Inventory.turnover(year * 100 + month, tx)
        let columns = ["kind", "lines", "value_in", "value_out"].map {
            call.t($0 == "lines" ? "stock.documents" : "stock.f.\($0)")
        }
        let rows = found.html { f in
            """
            <tr><td class="card-title"><a href="/stock/documents?kind=\(f.kind.rawValue)">\(StockWords.kind(f.kind, call))</a></td>\
            <td class="n" data-label="\(columns[1])">\(f.documents)</td>\
            <td class="n" data-label="\(columns[2])">\(f.inMinor == 0 ? "–" : Money.text(f.inMinor, currency))</td>\
            <td class="n" data-label="\(columns[3])">\(f.outMinor == 0 ? "–" : Money.text(f.outMinor, currency))</td></tr>
            """
        }
        let title = call.t("stock.turnover", ["month": name])
        return Parts.panel(
            title,
            found.isEmpty
                ? empty("stock.movements.none", call)
                : Parts.table(title, columns, numbers: [1, 2, 3], rows),
            id: "turnover", Parts.link("/stock", call.t("stock.title")))
    }

    /// Months in which something moved and which are still open, the oldest first: those to close.
    private static func periods(_ call: Call, _ tx: Transaction) throws -> HTML {
        let closed = Set(try Inventory.periods(tx, "is_open = 0").map(\.month))
        let open = try Inventory.months(tx).filter { !closed.contains($0) }.sorted()
        let lines = open.html { month in
            let name = StockPeriod.name(month)
            return """
                <li class="line">\(Icon.calendar)<span><a class="num" href="/stock/periods/\(name)">\(name)</a> \(PeriodPages.state(true, call))</span></li>
                """
        }
        return Parts.panel(
            call.t("stock.periods"),
            open.isEmpty ? empty("stock.periods.none", call) : "<ul class=\"stack\">\(lines)</ul>",
            id: "periods", Parts.link("/stock/periods", call.t("stock.all")))
    }
}

extension InventoryPages {
    /// Whether somebody reads stock: its pages exist for them.
    public static func opens(_ actor: Actor) -> Bool { actor.hasAny(StockAccess.readers) }

    /// What of stock waits for the reader, for pages of other areas; empty where nothing does.
    public static func waiting(_ call: Call, _ tx: Transaction) throws -> HTML {
        try StockDeskPage.waiting(call, tx) ?? ""
    }
}
