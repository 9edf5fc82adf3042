import Base
import Store

// The nine invariants, each recomputed from the movements (`design: inventory`).
extension Inventory {
    /// Recomputes the ledger: how many movements were read, and what is wrong, one sentence each.
    public static func verify(_ tx: Transaction) throws -> (movements: Int, faults: [String]) {
        var faults: [String] = []
        faults += try balancesAreSums(tx)
        faults += try everyMovementHasTwoSides(tx)
        faults += try nothingIsShort(tx)
        faults += try serialsAreInOnePlace(tx)
        faults += try transitIsWhatIsUnderWay(tx)
        faults += try valuesAgree(tx)
        faults += try reversalsAreNegatives(tx)
        faults += try closedPeriodsStayClosed(tx)
        faults += try customersStockIsWorthNothing(tx)
        return (Int(try tx.int("select count(*) from stock_movement")), faults)
    }

    /// Stock there is in the house's books; everywhere else is outside.
    private static func held(_ column: SQL) -> SQL {
        """
        \(column) not in ('place:supplier', 'place:production', 'place:customer', 'place:scrap',
          'place:gain', 'place:loss')
        """
    }

    private static func key(_ r: inout Row) -> String {
        let parts = (0..<6).map { _ in r.text() }
        return "part \(parts[0]) at \(parts[1]) \(parts[2])"
            + (parts[3].isEmpty ? "" : " of \(parts[3])") + (parts[4].isEmpty ? "" : " batch \(parts[4])")
            + (parts[5].isEmpty ? "" : " serial \(parts[5])")
    }

    private static func balancesAreSums(_ tx: Transaction) throws -> [String] {
        try tx.rows(
            """
            select part_id, place_id, status, owner, batch, serial, sum(q) from (
              select part_id, to_place as place_id, to_status as status, owner, batch, serial, quantity as q
              from stock_movement where \(held("to_place"))
              union all
              select part_id, from_place, from_status, owner, batch, serial, -quantity
              from stock_movement where \(held("from_place"))
              union all
              select part_id, place_id, status, owner, batch, serial, -on_hand from stock_balance) x
            group by part_id, place_id, status, owner, batch, serial having sum(q) <> 0
            order by part_id, place_id, status, owner, batch, serial
            """
        ) { r in "\(key(&r)): movements and balance differ by \(r.int())" }
    }

    private static func everyMovementHasTwoSides(_ tx: Transaction) throws -> [String] {
        var out: [String] = []
        for side in [0, 1] {
            let column: SQL = side == 0 ? "m.from_place" : "m.to_place"
            out += try tx.rows(
                """
                select m.posting, m.number, \(column) from stock_movement m
                left join place l on l.id = \(column)
                where l.id is null and \(column) not in ('place:supplier', 'place:production',
                  'place:customer', 'place:scrap', 'place:gain', 'place:loss', 'place:transit', 'place:loan')
                order by m.posting, m.number
                """
            ) { r in "movement \(r.int())/\(r.int()): has no place \(r.text())" }
        }
        out += try tx.rows(
            """
            select m.posting, m.number from stock_movement m
            left join stock_line l on l.document_id = m.document_id and l.number = m.line
            where l.document_id is null or (m.from_place = m.to_place and m.from_status = m.to_status)
            order by m.posting, m.number
            """
        ) { r in "movement \(r.int())/\(r.int()): has no document, or goes nowhere" }
        return out
    }

    private static func nothingIsShort(_ tx: Transaction) throws -> [String] {
        try tx.rows(
            """
            select part_id, place_id, status, owner, batch, serial, sum(held) - sum(bound) from (
              select part_id, place_id, status, owner, batch, serial, reserved as held, 0 as bound
              from stock_balance where reserved <> 0
              union all
              select d.part_id, d.place_id, 'usable', '', d.batch, d.serial, 0, d.quantity
              from stock_reserved d join stock_reservation r on r.id = d.reservation_id
              where r.state = 'active') x
            group by part_id, place_id, status, owner, batch, serial having sum(held) <> sum(bound)
            order by part_id, place_id, status, owner, batch, serial
            """
        ) { r in "\(key(&r)): reserved differs from its reservations by \(r.int())" }
            + tx.rows(
                """
                select part_id, place_id, status, owner, batch, serial from stock_balance
                where on_hand < 0 or reserved < 0 or reserved > on_hand
                order by part_id, place_id, status, owner, batch, serial
                """
            ) { r in "\(key(&r)): less on hand than nothing, or than is reserved" }
    }

    private static func serialsAreInOnePlace(_ tx: Transaction) throws -> [String] {
        try tx.rows(
            """
            select part_id, serial, sum(on_hand) from stock_balance where serial <> ''
            group by part_id, serial having sum(on_hand) > 1 order by part_id, serial
            """
        ) { r in "part \(r.text()) serial \(r.text()): is there \(r.int()) times" }
    }

    private static func transitIsWhatIsUnderWay(_ tx: Transaction) throws -> [String] {
        try tx.rows(
            """
            select d.number, l.number, l.received + l.written_off,
              (select coalesce(sum(m.quantity), 0) from stock_movement m where m.document_id = d.id
                and m.line = l.number and m.from_place = 'place:transit') as arrived
            from stock_line l join stock_document d on d.id = l.document_id
            where d.kind in ('transfer', 'shipment') and d.posting is not null and d.reversal_of is null
              and (l.received + l.written_off <> (select coalesce(sum(m.quantity), 0) from stock_movement m
                where m.document_id = d.id and m.line = l.number and m.from_place = 'place:transit')
              or l.received + l.written_off > l.quantity)
            order by d.number, l.number
            """
        ) { r in
            "\(r.text()) line \(r.int()): \(r.int()) received and written off, but \(r.int()) left transit"
        }
    }

    private static func valuesAgree(_ tx: Transaction) throws -> [String] {
        let pool: (SQL) -> SQL = { status in
            "case when \(status) in ('usable', 'quarantine', 'expired') then 'sound' else 'worn' end"
        }
        var out = try tx.rows(
            """
            select part_id, pool, sum(q), sum(v) from (
              select part_id, \(pool("to_status")) as pool, quantity as q, value_minor as v
              from stock_movement where \(held("to_place")) and owner = ''
              union all
              select part_id, \(pool("from_status")), -quantity, -value_minor
              from stock_movement where \(held("from_place")) and owner = ''
              union all
              select part_id, pool, -quantity, -value_minor from cost_layer) x
            group by part_id, pool having sum(q) <> 0 or sum(v) <> 0 order by part_id, pool
            """
        ) { r in
            "part \(r.text()) \(r.text()): cost layers differ from movements by \(r.int()) pieces, \(r.int()) of value"
        }
        out += try tx.rows(
            """
            select part_id, pool, sum(q) from (
              select part_id, \(pool("status")) as pool, on_hand as q from stock_balance where owner = ''
              union all
              select part_id, pool, -quantity from cost_layer) x
            group by part_id, pool having sum(q) <> 0 order by part_id, pool
            """
        ) { r in "part \(r.text()) \(r.text()): stock differs from its cost layers by \(r.int())" }
        out += try tx.rows(
            """
            select d.number, d.value_minor, coalesce(sum(m.value_minor), 0) from stock_document d
            left join stock_movement m on m.document_id = d.id and m.posting = d.posting
            where d.posting is not null group by d.id, d.number, d.value_minor
            having d.value_minor <> coalesce(sum(m.value_minor), 0) order by d.number
            """
        ) { r in "\(r.text()): says \(r.int()), its movements \(r.int())" }
        return out
    }

    private static func reversalsAreNegatives(_ tx: Transaction) throws -> [String] {
        try tx.rows(
            """
            select number, sum(q), sum(v) from (
              select d.number, m.part_id, m.batch, m.serial, m.owner, m.from_place, m.from_status, m.to_place,
                m.to_status, m.quantity as q, m.value_minor as v
              from stock_document d join stock_movement m on m.document_id = d.reversal_of
              where d.posting is not null
              union all
              select d.number, m.part_id, m.batch, m.serial, m.owner, m.to_place, m.to_status, m.from_place,
                m.from_status, -m.quantity, -m.value_minor
              from stock_document d join stock_movement m on m.document_id = d.id
              where d.posting is not null and d.reversal_of is not null) x
            group by number, part_id, batch, serial, owner, from_place, from_status, to_place, to_status
            having sum(q) <> 0 or sum(v) <> 0 order by number
            """
        ) { r in
            "\(r.text()): is not the negative of what it reverses, by \(r.int()) pieces, \(r.int()) of value"
        }
    }

    private static func closedPeriodsStayClosed(_ tx: Transaction) throws -> [String] {
        let closed = try tx.rows(
            "select month, changed_at from stock_period where is_open = 0 order by month"
        ) { (Int($0.int()), $0.instant()) }
        return try closed.compactMap { month, since in
            let (year, m) = (month / 100, month % 100)
            let first = CivilDate.dayNumber(year: year, month: m, day: 1)
            let last = first + CivilDate.daysInMonth(year: year, month: m) - 1
            let late = try tx.int(
                """
                select count(*) from stock_movement
                where posted_on >= \(first) and posted_on <= \(last) and at > \(since)
                """)
            return late == 0 ? nil : "period \(month): \(late) movements were posted after it was closed"
        }
    }

    private static func customersStockIsWorthNothing(_ tx: Transaction) throws -> [String] {
        try tx.rows(
            """
            select posting, number, owner from stock_movement where owner <> '' and value_minor <> 0
            order by posting, number
            """
        ) { r in "movement \(r.int())/\(r.int()): stock of \(r.text()) has a value" }
    }
}
