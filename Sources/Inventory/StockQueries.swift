import Base
import Store
import Web

/// The filters of a list of documents.
struct DocumentQuery: Command {
    var state: StockDocument.State?
    var place: PlaceID?
    var ticket: String?
    var paging: Paging
    init(_ read: inout FieldReader) {
        state = read.optionalChoice("state")
        place = read.optionalID("place")
        ticket = read.optionalText("ticket", max: 64)
        paging = Paging(&read)
    }
}

struct BalanceQuery: Command {
    var part: String?
    var place: PlaceID?
    var status: StockStatus?
    var paging: Paging
    init(_ read: inout FieldReader) {
        part = read.optionalText("part", max: 100)
        place = read.optionalID("place")
        status = read.optionalChoice("status")
        paging = Paging(&read)
    }
}

struct CatalogueQuery: Command {
    var q: String?
    var kind: StockPlace.Kind?
    var product: String?
    var paging: Paging
    init(_ read: inout FieldReader) {
        q = read.optionalText("q", max: 200)
        kind = read.optionalChoice("kind")
        product = read.optionalText("product", max: 64)
        paging = Paging(&read)
    }
}

// Lists, each by key with a cursor that is bound to caller and filter.
extension Inventory {
    static func words(_ q: String?, _ column: SQL) -> [SQL] {
        Likes.words(q).map { "\(column) like \(Likes.containing($0)) escape '\\'" }
    }

    static func partPage(_ query: CatalogueQuery, _ call: Call, _ tx: Transaction) throws -> Page<Part> {
        let list = Listing("parts", query.paging, narrowedBy: [query.q, query.product], call)
        var conditions = words(query.q, "p.search")
        if let product = query.product {
            conditions.append(
                "p.id in (select f.part_id from part_fit f where f.product_id = \(product))")
        }
        return list.page(try tx.parts(conditions, after: list.after(1)?[0], limit: list.asked)) {
            [$0.number]
        }
    }

    static func placePage(_ query: CatalogueQuery, _ call: Call, _ tx: Transaction) throws
        -> Page<StockPlace>
    {
        let list = Listing("places", query.paging, narrowedBy: [query.q, query.kind?.rawValue], call)
        let after = try list.after(2).map { ($0[0], $0[1]) }
        var conditions = words(query.q, "l.search")
        if let kind = query.kind { conditions.append("l.kind = \(kind)") }
        return list.page(try tx.places(conditions, after: after, limit: list.asked)) {
            [$0.name, $0.id.text]
        }
    }

    static func documentPage(
        _ kind: StockDocument.Kind?, _ query: DocumentQuery, only: SQL? = nil, _ call: Call,
        _ tx: Transaction
    ) throws -> Page<StockDocument> {
        let list = Listing(
            "documents", query.paging,
            narrowedBy: [kind?.rawValue, query.state?.rawValue, query.place?.text, query.ticket], call)
        var conditions: [SQL] = only.map { [$0] } ?? []
        if let kind { conditions.append("d.kind = \(kind)") }
        if let state = query.state { conditions.append("d.state = \(state)") }
        if let place = query.place {
            conditions.append("(d.place_id = \(place) or d.to_place_id = \(place))")
        }
        if let ticket = query.ticket {
            conditions.append(
                TicketID.hasShape(ticket) ? "d.ticket_id = \(ticket)" : "d.ticket_number = \(ticket)")
        }
        var page = list.page(
            try tx.stockDocuments(
                conditions.isEmpty ? "1 = 1" : conditions.joined(" and "), after: list.after(1)?[0],
                limit: list.asked)
        ) { [$0.id.text] }
        let lines = try tx.stockLines(page.items.map(\.id))
        for i in page.items.indices { page.items[i].lines = lines[page.items[i].id] ?? [] }
        return page
    }

    static func balancePage(_ query: BalanceQuery, _ call: Call, _ tx: Transaction) throws
        -> Page<StockBalance>
    {
        let list = Listing(
            "balances", query.paging,
            narrowedBy: [query.part, query.place?.text, query.status?.rawValue], call)
        var conditions: [SQL] = ["b.on_hand > 0"]
        if let k = try list.after(6) {
            conditions.append(
                """
                (b.part_id, b.place_id, b.status, b.owner, b.batch, b.serial)
                  > (\(k[0]), \(k[1]), \(k[2]), \(k[3]), \(k[4]), \(k[5]))
                """)
        }
        if let part = query.part {
            conditions.append(
                PartID.hasShape(part)
                    ? "b.part_id = \(part)"
                    : "b.part_id = (select p.id from part p where p.number = \(CleanText.foldIdentifier(part)))"
            )
        }
        if let place = query.place { conditions.append("b.place_id = \(place)") }
        if let status = query.status { conditions.append("b.status = \(status)") }
        let found = try tx.rows(
            """
            select \(Transaction.balanceColumns) from \(Transaction.balanceTables)
            where \(conditions.joined(" and "))
            order by b.part_id, b.place_id, b.status, b.owner, b.batch, b.serial limit \(list.asked)
            """, Transaction.balance)
        var page = list.page(found) { b in
            let k = b.key
            return [k.part.text, k.place.text, k.status.rawValue, k.owner, k.batch, k.serial]
        }
        if StockAccess.seesValues(tx.actor) { try value(&page.items, tx) }
        return page
    }

    /// Gives rows their share of what their parts are worth: by cumulative rounding over all rows of a
    /// part in key order, so that the rows of a part add up to it.
    static func value(_ rows: inout [StockBalance], _ tx: Transaction) throws {
        let parts = Set(rows.map(\.key.part)).sorted()
        if parts.isEmpty { return }
        struct PoolKey: Hashable {
            var part: PartID
            var pool: CostPool.Name
        }
        var pools: [PoolKey: (quantity: Int64, value: Int64)] = [:]
        for l in try tx.layers(parts) {
            guard let layer = l.layer else { continue }
            let old = pools[PoolKey(part: l.part, pool: l.pool)] ?? (0, 0)
            pools[PoolKey(part: l.part, pool: l.pool)] = (
                old.quantity &+ layer.quantity, old.value &+ layer.value
            )
        }
        // How much of its pool lies before each row; of all rows of these parts.
        var before: [StockKey: Int64] = [:]
        var sums: [PoolKey: Int64] = [:]
        let wanted = Set(rows.map(\.key))
        try tx.each(
            """
            select b.part_id, b.place_id, b.status, b.owner, b.batch, b.serial, b.on_hand
            from stock_balance b
            where b.part_id in \(list: parts.map(\.text)) and b.owner = '' and b.on_hand > 0
            order by b.part_id, b.place_id, b.status, b.owner, b.batch, b.serial
            """
        ) { r in
            let key = StockKey(
                part: r.id(), place: r.id(), status: r.choice(.usable), owner: r.text(), batch: r.text(),
                serial: r.text())
            let pool = PoolKey(part: key.part, pool: key.status.pool)
            let sum = sums[pool] ?? 0
            if wanted.contains(key) { before[key] = sum }
            sums[pool] = sum &+ r.int()
        }
        for i in rows.indices {
            let key = rows[i].key
            guard let start = before[key], let pool = pools[PoolKey(part: key.part, pool: key.status.pool)]
            else { continue }
            rows[i].valueMinor =
                CostPool.share(pool.value, start + rows[i].onHand, of: pool.quantity)
                - CostPool.share(pool.value, start, of: pool.quantity)
        }
    }

    static func movementPage(_ query: BalanceQuery, _ call: Call, _ tx: Transaction) throws
        -> Page<StockMovement>
    {
        let list = Listing(
            "movements", query.paging,
            narrowedBy: [query.part, query.place?.text, query.status?.rawValue], call)
        var conditions: [SQL] = []
        if let k = try list.after(2) {
            conditions.append("(m.posting, m.number) < (\(Int64(k[0]) ?? 0), \(Int64(k[1]) ?? 0))")
        }
        if let part = query.part {
            conditions.append(
                PartID.hasShape(part)
                    ? "m.part_id = \(part)"
                    : "m.part_id = (select p.id from part p where p.number = \(CleanText.foldIdentifier(part)))"
            )
        }
        if let status = query.status {
            conditions.append("(m.from_status = \(status) or m.to_status = \(status))")
        }
        func statement(_ more: SQL?) -> SQL {
            let all = conditions + [more].compactMap { $0 }
            return """
                \(Transaction.movementColumns) where \(all.isEmpty ? "1 = 1" : all.joined(" and "))
                order by m.posting desc, m.number desc limit \(list.asked)
                """
        }
        var found: [StockMovement]
        if let place = query.place, query.part == nil {
            // Each side along an index of its own.
            found = try tx.rows(statement("m.from_place = \(place)"), Transaction.movement)
            found += try tx.rows(
                statement("m.to_place = \(place) and m.from_place <> \(place)"), Transaction.movement)
            found.sort { ($0.posting, $0.number) > ($1.posting, $1.number) }
        } else {
            found = try tx.rows(
                statement(query.place.map { "(m.from_place = \($0) or m.to_place = \($0))" }),
                Transaction.movement)
        }
        return list.page(found) { [String($0.posting), String($0.number)] }
    }
}
