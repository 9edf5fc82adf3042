import Base
import People
import Store
import Web

/// What the stock list is narrowed by.
struct StockListQuery: Command {
    enum View: String, CaseIterable { case all, below, held, expiring, transit }

    /// Days ahead in which a batch that expires is told of.
    static let expiryDays = 60
    /// Rows that are sooner sorted than looked for among all parts.
    static let few = 1000

    var view: View
    var q: String?
    var place: PlaceID?
    var status: StockStatus?
    var part: PartID?
    var paging: Paging

    init(_ read: inout FieldReader) {
        view = read.optionalChoice("view") ?? .all
        q = read.optionalText("q", max: 200)
        place = read.optionalID("place")
        status = read.optionalChoice("status")
        part = read.optionalID("part")
        paging = Paging(&read)
    }

    init(place: PlaceID? = nil, part: PartID? = nil, limit: Int = 50) {
        view = .all
        self.place = place
        self.part = part
        paging = Paging(limit: limit)
    }

    var isNarrowed: Bool { view != .all || q != nil || place != nil || status != nil || part != nil }
}

struct StockRow: Sendable {
    var balance: StockBalance
    var part: Part
}

extension Inventory {
    /// Rows of stock by part number, then place.
    /// - Parameter known: parts that have been read already
    static func stockPage(
        _ query: StockListQuery, knowing known: [PartID: Part] = [:], _ call: Call, _ tx: Transaction
    ) throws -> Page<StockRow> {
        let list = Listing(
            "stock", query.paging,
            narrowedBy: [
                query.view.rawValue, query.q, query.place?.text, query.status?.rawValue, query.part?.text,
            ], call)
        var conditions: [SQL] = ["b.part_id = p.id", "b.on_hand > 0"]
        conditions += try marked(query.q, tx) ?? words(query.q, "p.search")
        // Parts are walked in the order of the list until the page is full. Only where a place holds so
        // little that the walk would be long, its rows are taken first and sorted.
        var from: SQL = "part p cross join stock_balance b"
        if let k = try list.after(6) {
            conditions.append("p.number >= \(k[0])")
            conditions.append(
                """
                (p.number, b.place_id, b.status, b.owner, b.batch, b.serial)
                  > (\(k[0]), \(k[1]), \(k[2]), \(k[3]), \(k[4]), \(k[5]))
                """)
        }
        switch query.view {
        case .all, .below: break
        case .held: conditions.append("b.status in ('quarantine', 'defective', 'in_repair', 'expired')")
        case .expiring:
            let last = call.zone.wall(tx.now).dayNumber + StockListQuery.expiryDays
            conditions.append("t.expires_on <= \(last) and b.status in ('usable', 'quarantine', 'expired')")
        case .transit: conditions.append("b.place_id in ('place:transit', 'place:loan')")
        }
        if query.view != .transit, query.part == nil {
            conditions.append("b.place_id not in ('place:transit', 'place:loan')")
        }
        if let place = query.place {
            let below = try tx.placesBelow(place)
            conditions.append("b.place_id in \(list: below.map(\.text))")
            let some = try tx.int(
                """
                select count(*) from (select 1 from stock_balance
                  where place_id in \(list: below.map(\.text)) limit \(StockListQuery.few)) n
                """)
            if some < StockListQuery.few { from = "part p, stock_balance b" }
        }
        if let part = query.part { conditions.append("p.id = \(part)") }
        if let status = query.status { conditions.append("b.status = \(status)") }
        let found = try tx.rows(
            """
            select \(Transaction.balanceColumns) from \(from)
            left join stock_batch t on t.part_id = b.part_id and t.batch = b.batch
            where \(conditions.joined(" and "))
            order by p.number, b.place_id, b.status, b.owner, b.batch, b.serial limit \(list.asked)
            """, Transaction.balance)
        var parts = known
        let others = Set(found.map(\.key.part)).subtracting(known.keys)
        parts.merge(try tx.parts(others.sorted())) { a, _ in a }
        var page = list.page(
            found.compactMap { b in parts[b.key.part].map { StockRow(balance: b, part: $0) } }
        ) { row in
            let k = row.balance.key
            return [row.part.number, k.place.text, k.status.rawValue, k.owner, k.batch, k.serial]
        }
        if StockAccess.seesValues(tx.actor) {
            var balances = page.items.map(\.balance)
            try value(&balances, tx)
            for i in page.items.indices { page.items[i].balance = balances[i] }
        }
        return page
    }

    /// The rows of a serial number or a batch as a label says it (`SD-40A|B-7`); nil where nothing lies there
    /// under such a number, and the words are looked for among the parts.
    private static func marked(_ q: String?, _ tx: Transaction) throws -> [SQL]? {
        guard let q, case .part(let part, let serial, let batch)? = try StockDraftForm.Scan.read(q, tx),
            !(serial + batch).isEmpty
        else { return nil }
        return ["p.id = \(part.id)", "b.serial = \(serial)"] + (batch.isEmpty ? [] : ["b.batch = \(batch)"])
    }

    /// What has fallen below its minimum, page by page.
    static func proposalPage(_ place: PlaceID?, _ paging: Paging, _ call: Call, _ tx: Transaction) throws
        -> Page<OrderProposal>
    {
        let list = Listing("proposals", paging, narrowedBy: [place?.text], call)
        let after = try list.after(2).map { ($0[0], $0[1]) }
        return list.page(try orderProposals(place: place, after: after, limit: list.asked, tx)) {
            [$0.part.id.text, $0.place.text]
        }
    }
}

/// Rows of stock as a table, the same on every page that shows some.
struct StockTable {
    var rows: [StockRow]
    var names: StockNames
    var showsPart = true
    var showsPlace = true
    let call: Call
    let currency: String?
    private let underWay: StockUnderWay
    private let label: Labels

    /// Said once for all rows: a page has hundreds of cells.
    private struct Labels {
        var part, place, mark, status, onHand, reserved, available, value: String
        init(_ call: Call) {
            func t(_ key: String) -> String { call.t("stock.f.\(key)") }
            (part, place, mark, status) = (t("part"), t("place"), t("batch_serial"), t("status"))
            (onHand, reserved, available, value) = (t("on_hand"), t("reserved"), t("available"), t("value"))
        }
    }

    init(_ rows: [StockRow], _ call: Call, _ tx: Transaction) throws {
        self.rows = rows
        self.call = call
        label = Labels(call)
        let away = rows.map(\.balance.key).filter {
            [StockPlace.transit, StockPlace.loan].contains($0.place)
        }
        underWay = try StockUnderWay(away.map(\.part), tx)
        names = StockNames(call)
        for row in rows { names.parts[row.part.id] = row.part }
        try names.read(places: rows.map(\.balance.key.place), tx)
        try names.read(places: underWay.places, tx)
        try names.read(owners: rows.map(\.balance.key.owner) + underWay.partners, tx)
        currency = StockAccess.seesValues(tx.actor) ? try Settings.currency(tx) : nil
    }

    var html: HTML {
        var columns: [String] = []
        if showsPart { columns.append(label.part) }
        if showsPlace { columns.append(label.place) }
        columns += [label.mark, label.status]
        let numbers =
            [label.onHand, label.reserved, label.available] + (currency == nil ? [] : [label.value])
        return """
            <div class="table-wrap cards-wrap" tabindex="0" role="region" aria-label="\(call.t("stock.caption"))"><table class="table table-cards">\
            <caption class="vh">\(call.t("stock.caption"))</caption><thead><tr>\(columns.html { "<th scope=\"col\">\($0)</th>" })\
            \(numbers.html { "<th scope=\"col\" class=\"n\">\($0)</th>" })</tr></thead>\
            <tbody>\(folded.html { row($0) })</tbody></table></div>
            """
    }

    /// Serial numbers of one part in one place and condition, told as one row.
    private static let fewSerials = 3

    private var folded: [[StockRow]] {
        var out: [[StockRow]] = []
        for row in rows {
            let k = row.balance.key
            if let last = out.last?.first?.balance.key, !k.serial.isEmpty, !last.serial.isEmpty,
                (k.part, k.place, k.status, k.owner) == (last.part, last.place, last.status, last.owner)
            {
                out[out.count - 1].append(row)
            } else {
                out.append([row])
            }
        }
        return out.flatMap { $0.count < StockTable.fewSerials ? $0.map { [$0] } : [$0] }
    }

    private func row(_ all: [StockRow]) -> HTML {
        guard let first = all.first else { return "" }
        var sum = first
        for other in all.dropFirst() {
            sum.balance.onHand &+= other.balance.onHand
            sum.balance.reserved &+= other.balance.reserved
            sum.balance.valueMinor &+= other.balance.valueMinor
        }
        return row(sum, serials: all.count > 1 ? all : [])
    }

    private func marks(_ b: StockBalance, _ serials: [StockRow]) -> HTML {
        if serials.isEmpty { return names.mark(batch: b.key.batch, serial: b.key.serial) }
        return """
            <details class="fold serials"><summary>\(Icon.right)\(call.t("stock.serials", ["n": String(serials.count)]))</summary>\
            <ul>\(serials.html { s in
                "<li><span class=\"sn\">\(s.balance.key.serial)</span>\(HTML.when(s.balance.reserved > 0, " <span class=\"tiny muted\">\(label.reserved)</span>"))</li>"
            })</ul></details>
            """
    }

    private func row(_ row: StockRow, serials: [StockRow]) -> HTML {
        let b = row.balance
        let title: HTML = showsPart ? " class=\"card-title\"" : ""
        return """
            <tr>\(HTML.when(showsPart, "<td\(title)>\(names.partCell(row.part.id))</td>"))\
            \(HTML.when(showsPlace, "<td data-label=\"\(label.place)\"><span>\(names.placeCell(b.key.place))\(underWay.html(b.key, names))</span></td>"))\
            <td data-label="\(label.mark)"><span>\(marks(b, serials))\(expiry(b))\(owner(b))</span></td>\
            <td data-label="\(label.status)">\(StockWords.status(b.key.status, call))</td>\
            <td class="n" data-label="\(label.onHand)">\(StockWords.quantity(b.onHand))</td>\
            <td class="n" data-label="\(label.reserved)">\(b.reserved == 0 ? "–" : StockWords.quantity(b.reserved))</td>\
            <td class="n" data-label="\(label.available)"><strong>\(StockWords.quantity(b.available))</strong></td>\
            \(currency.map { "<td class=\"n\" data-label=\"\(label.value)\">\(b.key.owner.isEmpty ? Money.text(b.valueMinor, $0) : "–")</td>" } ?? "" as HTML)</tr>
            """
    }

    private func owner(_ b: StockBalance) -> HTML {
        names.owner(b.key.owner).map {
            "<br><span class=\"tiny muted\">\(call.t("stock.owned", ["owner": $0]))</span>"
        } ?? ""
    }

    private func expiry(_ b: StockBalance) -> HTML {
        guard let day = b.expiresOn else { return "" }
        let today = call.zone.wall(call.now).dayNumber
        let date = CivilDate.text(dayNumber: day)
        let text =
            if let until = b.concessionUntil, until >= today, day < today {
                call.t("stock.concession", ["day": CivilDate.text(dayNumber: until)])
            } else {
                call.t(day < today ? "stock.expired_on" : "stock.expires_on", ["day": date])
            }
        let style: HTML =
            day < today ? " bad" : day <= today + StockListQuery.expiryDays ? " warn" : " muted"
        return "<br><span class=\"tiny\(style)\">\(text)</span>"
    }
}
