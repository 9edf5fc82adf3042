import Base
import Store

// What a count finds where the books don't have it.
extension Inventory {
    /// Refuses rows that another open check holds: both would post the same difference.
    static func requireFree(_ keys: [StockKey], in places: [PlaceID], _ tx: Transaction) throws {
        let wanted = Set(keys)
        let parts = Set(keys.map(\.part))
        let part: SQL = parts.count == 1 ? "and l.part_id = \(parts.first)" : ""
        var holder: String?
        try tx.each(
            """
            select c.number, l.part_id, l.place_id, l.status, l.owner, l.batch, l.serial
            from stock_check c join stock_check_line l on l.check_id = c.id
            where c.state in ('counting', 'recounting', 'counted')
              and l.place_id in \(list: places.map(\.text)) \(part)
            """
        ) { r in
            let number = r.text()
            let key = StockKey(
                part: r.id(), place: r.id(), status: r.choice(.usable), owner: r.text(), batch: r.text(),
                serial: r.text())
            if wanted.contains(key) { holder = number }
        }
        if let holder { throw Failure.conflict("stock.being_counted", ["number": holder]) }
    }

    /// Such a number is missing first where the books have it: taken from the differences where that place
    /// was counted too, made up where it was not. What was lent is back, what was under way has arrived.
    /// - Parameters:
    ///   - lines: the differences, without those that are settled here
    ///   - worth: what a number was worth where it was, by part and serial
    /// - Returns: what is missing elsewhere
    static func strays(
        _ lines: inout [StockCheckLine], of check: StockCheck, _ worth: inout [String: Int64],
        _ tx: Transaction
    ) throws -> [StockCheckLine] {
        var out: [StockCheckLine] = []
        for found in lines where found.difference > 0 && !found.key.serial.isEmpty {
            if let i = lines.firstIndex(where: {
                $0.difference < 0 && $0.key.part == found.key.part && $0.key.serial == found.key.serial
            }) {
                out.append(lines.remove(at: i))
                continue
            }
            guard let key = try tx.row(found.key.part, serial: found.key.serial) else { continue }
            guard StockPlace.isVirtual(key.place) else {
                out.append(
                    StockCheckLine(
                        number: found.number, key: key, expected: 1, book: 1, counted: 0, needsRecount: false)
                )
                continue
            }
            if let lost = try settle(found, at: key, of: check, tx) {
                worth[key.part.text + " " + key.serial] = lost
            } else {
                lines.removeAll { $0.number == found.number }
            }
        }
        return out
    }

    /// Ends what the books know of a number as lent or under way, under the document that sent it.
    /// - Returns: what it was worth where it was lost on its way and is to be booked as found; nil where it
    ///   has come straight to where it was found
    private static func settle(
        _ found: StockCheckLine, at key: StockKey, of check: StockCheck, _ tx: Transaction
    ) throws -> Int64? {
        let sent = try tx.first(
            """
            select m.document_id, m.line from stock_movement m
            where m.part_id = \(key.part) and m.serial = \(key.serial) and m.to_place = \(key.place)
            order by m.posting desc, m.number desc limit 1
            """
        ) { r -> (StockDocumentID, Int) in (r.id(), r.count()) }
        guard let (id, number) = sent, var d = try tx.stockDocument(id.text),
            let i = d.lines.firstIndex(where: { $0.number == number }),
            let here = try tx.place(found.key.place)
        else { throw Failure(.internal, "stock.broken") }
        let isLent = key.place == StockPlace.loan
        let comes = try isLent || d.toPlace.map { try tx.placesBelow($0).contains(here.id) } ?? false
        let demand = Demand(
            line: number, part: key.part, quantity: 1, serial: key.serial, batch: key.batch,
            owner: key.owner, from: StockSide(key.place, key.status),
            to: comes
                ? StockSide(here.id, found.key.status) : StockSide(StockPlace.loss, key.status),
            takesExpired: true)
        if isLent {
            d.lines[i].returned += 1
        } else if comes {
            d.lines[i].received += 1
        } else {
            d.lines[i].writtenOff += 1
        }
        d.lines[i].missing = max(0, d.lines[i].missing - 1)
        if d.lines.allSatisfy({ $0.missing == 0 }) { d.missing = nil }
        try follow(&d, [demand], at: here, check: check.id, tx)
        if try outstanding(d, at: key.place, tx).isEmpty { d.state = .received }
        try tx.settle(d.lines, of: d.id)
        try tx.update(&d)
        try record(isLent ? "stock.returned" : "stock.arrived", d, reason: check.number, tx)
        let outcome = isLent ? "returned" : comes ? "arrived" : "adjusted"
        try tx.record(
            Fact(
                "stock.find_" + outcome, Subject("stock_check", check.id),
                data: .make(["serial": .string(key.serial), "document": .string(d.number)])))
        if comes { return nil }
        return try tx.int(
            """
            select value_minor from stock_movement where document_id = \(d.id) and serial = \(key.serial)
              and part_id = \(key.part) and to_place = \(StockPlace.loss)
            order by posting desc limit 1
            """)
    }
}

// What a count misses where it is kept for somebody.
extension Inventory {
    /// Names the reservations that hold what is missing, so that people know what to release; nil where none do.
    static func reserved(_ missing: [StockCheckLine], _ tx: Transaction) throws -> Failure? {
        let keys = missing.filter { $0.difference < 0 && $0.key.status == .usable && $0.key.owner.isEmpty }
            .map(\.key)
        var held: Set<String> = []
        for key in keys {
            held.formUnion(
                try tx.rows(
                    """
                    select d.reservation_id from stock_reserved d where d.part_id = \(key.part)
                      and d.place_id = \(key.place) and d.batch = \(key.batch) and d.serial = \(key.serial)
                    """
                ) { $0.text() })
        }
        guard !held.isEmpty else { return nil }
        let seesTickets = tx.actor.hasAny(StockAccess.ticketReaders)
        let all = try tx.reservations("r.id in \(list: held.sorted())", order: "r.number", limit: 20)
        let named = all.map { r in
            guard seesTickets, let ticket = r.ticket?.number else { return r.number }
            return "\(r.number) (\(ticket))"
        }
        return Failure.conflict("stock.is_reserved", ["reservations": named.joined(separator: ", ")])
    }
}
