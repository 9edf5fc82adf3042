import Base
import Store
import Web

/// The filters of a list of documents.
struct DocumentQuery: Command {
    var state: StockDocument.State?
    var place: PlaceID?
    var ticket: String?
    var limit: Int64
    var cursor: String?
    init(_ read: inout FieldReader) {
        state = read.optionalChoice("state")
        place = read.optionalID("place")
        ticket = read.optionalText("ticket", max: 64)
        limit = read.optionalInt("limit", 1...200) ?? 50
        cursor = read.optionalText("cursor", max: 1000)
    }
}

struct BalanceQuery: Command {
    var part: String?
    var place: PlaceID?
    var status: StockStatus?
    var limit: Int64
    var cursor: String?
    init(_ read: inout FieldReader) {
        part = read.optionalText("part", max: 100)
        place = read.optionalID("place")
        status = read.optionalChoice("status")
        limit = read.optionalInt("limit", 1...200) ?? 50
        cursor = read.optionalText("cursor", max: 1000)
    }
}

struct CatalogueQuery: Command {
    var q: String?
    var kind: StockPlace.Kind?
    var product: String?
    var limit: Int64
    var cursor: String?
    init(_ read: inout FieldReader) {
        q = read.optionalText("q", max: 200)
        kind = read.optionalChoice("kind")
        product = read.optionalText("product", max: 64)
        limit = read.optionalInt("limit", 1...200) ?? 50
        cursor = read.optionalText("cursor", max: 1000)
    }
}

// Lists, each by key with a cursor that is bound to caller and filter.
extension Inventory {
    static func bound(_ what: String, _ call: Call, _ filters: [String?]) -> String {
        ([what, call.caller?.login ?? ""] + filters.map { $0 ?? "\u{1}" }).joined(separator: "\u{0}")
    }

    static func words(_ q: String?, _ column: SQL) -> [SQL] {
        (q ?? "").split(whereSeparator: \.isWhitespace).prefix(8).map {
            "\(column) like \(Likes.containing(String($0.prefix(60)))) escape '\\'"
        }
    }

    static func partPage(_ query: CatalogueQuery, _ call: Call, _ tx: Transaction) throws -> Page<Part> {
        let bound = bound("parts", call, [query.q, query.product])
        let after = try query.cursor.map { try Cursor.read($0, bound: bound, count: 1)[0] }
        var conditions = words(query.q, "p.search")
        if let product = query.product {
            conditions.append(
                "p.id in (select f.part_id from part_fit f where f.product_id = \(product))")
        }
        let limit = Int(query.limit)
        let found = try tx.parts(conditions, after: after, limit: limit + 1)
        let shown = Array(found.prefix(limit))
        let next = found.count > limit ? shown.last.map { Cursor.make([$0.number], bound: bound) } : nil
        return Page(items: shown, nextCursor: next)
    }

    static func placePage(_ query: CatalogueQuery, _ call: Call, _ tx: Transaction) throws
        -> Page<StockPlace>
    {
        let bound = bound("places", call, [query.q, query.kind?.rawValue])
        let after = try query.cursor.map { try Cursor.read($0, bound: bound, count: 2) }.map {
            ($0[0], $0[1])
        }
        var conditions = words(query.q, "l.search")
        if let kind = query.kind { conditions.append("l.kind = \(kind)") }
        let limit = Int(query.limit)
        let found = try tx.places(conditions, after: after, limit: limit + 1)
        let shown = Array(found.prefix(limit))
        let next =
            found.count > limit ? shown.last.map { Cursor.make([$0.name, $0.id.text], bound: bound) } : nil
        return Page(items: shown, nextCursor: next)
    }

    static func documentPage(
        _ kind: StockDocument.Kind?, _ query: DocumentQuery, _ call: Call, _ tx: Transaction
    ) throws -> Page<StockDocument> {
        let bound = bound(
            "documents", call,
            [kind?.rawValue, query.state?.rawValue, query.place?.text, query.ticket])
        let after = try query.cursor.map { try Cursor.read($0, bound: bound, count: 1)[0] }
        var conditions: [SQL] = []
        if let kind { conditions.append("d.kind = \(kind)") }
        if let state = query.state { conditions.append("d.state = \(state)") }
        if let place = query.place {
            conditions.append("(d.place_id = \(place) or d.to_place_id = \(place))")
        }
        if let ticket = query.ticket {
            conditions.append(
                TicketID.hasShape(ticket) ? "d.ticket_id = \(ticket)" : "d.ticket_number = \(ticket)")
        }
        let limit = Int(query.limit)
        var found = try tx.stockDocuments(
            conditions.isEmpty ? "1 = 1" : conditions.joined(" and "), after: after, limit: limit + 1)
        let next = found.count > limit ? Cursor.make([found[limit - 1].id.text], bound: bound) : nil
        found = Array(found.prefix(limit))
        let lines = try tx.stockLines(found.map(\.id))
        for i in found.indices { found[i].lines = lines[found[i].id] ?? [] }
        return Page(items: found, nextCursor: next)
    }

    static func balancePage(_ query: BalanceQuery, _ call: Call, _ tx: Transaction) throws
        -> Page<StockBalance>
    {
        let bound = bound(
            "balances", call, [query.part, query.place?.text, query.status?.rawValue])
        var conditions: [SQL] = ["b.on_hand > 0"]
        if let cursor = query.cursor {
            let k = try Cursor.read(cursor, bound: bound, count: 6)
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
        let limit = Int(query.limit)
        var found = try tx.rows(
            """
            select \(Transaction.balanceColumns) from \(Transaction.balanceTables)
            where \(conditions.joined(" and "))
            order by b.part_id, b.place_id, b.status, b.owner, b.batch, b.serial limit \(limit + 1)
            """, Transaction.balance)
        let isMore = found.count > limit
        found = Array(found.prefix(limit))
        let next = found.last.flatMap { last -> String? in
            guard isMore else { return nil }
            let k = last.key
            return Cursor.make(
                [k.part.text, k.place.text, k.status.rawValue, k.owner, k.batch, k.serial], bound: bound)
        }
        if StockAccess.seesValues(tx.actor) { try value(&found, tx) }
        return Page(items: found, nextCursor: next)
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
        let bound = bound("movements", call, [query.part, query.place?.text, query.status?.rawValue])
        let limit = Int(query.limit)
        var conditions: [SQL] = []
        if let cursor = query.cursor {
            let k = try Cursor.read(cursor, bound: bound, count: 2)
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
                order by m.posting desc, m.number desc limit \(limit + 1)
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
        let isMore = found.count > limit
        found = Array(found.prefix(limit))
        let next = found.last.flatMap { last in
            isMore ? Cursor.make([String(last.posting), String(last.number)], bound: bound) : nil
        }
        return Page(items: found, nextCursor: next)
    }
}
