import Base
import People
import Store

/// What waits for one person: documents to approve or to post, reservations and counts to decide. Never what
/// waits for somebody else, such as their own document above the limit.
struct StockWaiting {
    var documents: [StockDocument] = []
    var reservations: [Reservation] = []
    var checks: [StockCheck] = []

    var isEmpty: Bool { documents.isEmpty && reservations.isEmpty && checks.isEmpty }

    /// - Parameter limit: so many of each at most
    init(limit: Int = 20, _ tx: Transaction) throws {
        if let condition = try StockWaiting.documents(tx) {
            documents = try tx.stockDocuments(condition, after: nil, limit: limit)
            let lines = try tx.stockLines(documents.map(\.id))
            for i in documents.indices { documents[i].lines = lines[documents[i].id] ?? [] }
        }
        if let condition = StockWaiting.reservations(tx) {
            reservations = try tx.reservations(condition, order: "r.id", limit: limit)
        }
        checks = try StockWaiting.checks(tx)
    }

    /// On row `d`; nil where no document ever waits for the actor.
    static func documents(_ tx: Transaction) throws -> SQL? {
        let actor = tx.actor
        var ways: [SQL] = []
        var all: [SQL] = []
        let limit = try Inventory.approvalLimit(tx)
        let me = actor.id?.text ?? ""
        if actor.has(.quality) {
            ways.append(
                """
                (d.state = 'submitted' and \(Inventory.isLeavingQuarantine)
                  and coalesce(d.created_by, '') <> \(me) and coalesce(d.submitted_by, '') <> \(me))
                """)
        }
        if actor.has(.serviceManager) {
            all.append(
                """
                (d.missing_reason is not null and d.reversed_by is null and coalesce(d.missing_by, '') <> \(me))
                """)
            ways.append(
                """
                (d.state = 'submitted' and coalesce(d.value_minor, 0) + coalesce(d.alone_minor, 0) > \(limit)
                  and coalesce(d.created_by, '') <> \(me)
                  and coalesce(d.submitted_by, '') <> \(me) and not \(Inventory.isLeavingQuarantine))
                """)
        }
        let toPost: SQL = """
            (d.state = 'approved'
              or (coalesce(d.value_minor, 0) + coalesce(d.alone_minor, 0) <= \(limit)
                and not \(Inventory.isLeavingQuarantine)))
            """
        if actor.has(.keeper) {
            ways.append(toPost)
        } else if actor.has(.siteLead), !actor.sites.isEmpty {
            let own: SQL = "select l.id from place l where l.site_id in \(list: actor.sites.map(\.text))"
            ways.append("(\(toPost) and d.place_id in (\(own)))")
        }
        if !ways.isEmpty {
            all.append("(d.state in ('submitted', 'approved') and (\(ways.joined(" or "))))")
        }
        guard !all.isEmpty else { return nil }
        // Each by its own index: joined by `or` the whole table would be read, on every page.
        let each = all.map { "select d.id from stock_document d where \($0)" as SQL }
        return "d.id in (\(each.joined(" union all ")))"
    }

    /// On row `r`: a P1 that asks for what lower priorities keep.
    static func reservations(_ tx: Transaction) -> SQL? {
        guard tx.actor.has(.serviceManager) else { return nil }
        return "r.state = 'waiting' and coalesce(r.created_by, '') <> \(tx.actor.id?.text ?? "")"
    }

    /// How much waits, all of it: what the list of everything that waits holds.
    static func total(_ tx: Transaction) throws -> Int {
        try counts(tx).values.reduce(0, +) + checks(tx).count
    }

    private static func checks(_ tx: Transaction) throws -> [StockCheck] {
        guard tx.actor.hasAny(Roles([.serviceManager, .finance, .management])) else { return [] }
        return try tx.stockChecks("c.state = 'counted'", after: nil, limit: 100).filter {
            tx.actor.has(try Inventory.approver(of: $0, tx))
        }
    }

    /// How much waits, for the navigation.
    static func counts(_ tx: Transaction) throws -> [String: Int] {
        var out: [String: Int] = [:]
        if let condition = try documents(tx) {
            out["stock"] = Int(
                try tx.int(
                    "select count(*) from (select 1 from stock_document d where \(condition) limit 100) x"))
        }
        if let condition = reservations(tx) {
            out["stock.reservations"] = Int(
                try tx.int(
                    "select count(*) from (select 1 from stock_reservation r where \(condition) limit 100) x"
                ))
        }
        return out
    }
}

extension Inventory {
    /// What came into the house's books and what left them in a month, by kind of document.
    static func turnover(_ month: Int, _ tx: Transaction) throws -> [(
        kind: StockDocument.Kind, documents: Int, inMinor: Int64, outMinor: Int64
    )] {
        let first = CivilDate.dayNumber(year: month / 100, month: month % 100, day: 1)
        let days = CivilDate.daysInMonth(year: month / 100, month: month % 100)
        let outside: SQL = """
            ('place:supplier', 'place:production', 'place:customer', 'place:scrap', 'place:gain', 'place:loss')
            """
        return try tx.rows(
            """
            select d.kind, count(distinct d.id),
              sum(case when m.from_place in \(outside) then m.value_minor else 0 end),
              sum(case when m.to_place in \(outside) then m.value_minor else 0 end)
            from stock_movement m join stock_document d on d.id = m.document_id
            where m.posted_on >= \(first) and m.posted_on < \(first + days)
            group by d.kind order by d.kind
            """
        ) { ($0.choice(.issue), $0.count(), $0.int(), $0.int()) }
    }
}
